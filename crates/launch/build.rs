//! Which migrations this build knows: the names of the folders below `migrations/`, as diesel keeps them.

use std::path::Path;
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut versions = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            versions.push(name.split('_').next().unwrap_or_default().replace('-', ""));
        }
    }
    versions.sort();
    let out = Path::new(&env::var("OUT_DIR").map_err(std::io::Error::other)?).join("migrations.rs");
    fs::write(out, format!("&{versions:?}"))
}
