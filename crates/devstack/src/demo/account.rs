//! The demo's admin: registered once per state folder, its password kept there.

use super::api::Api;
use crate::StackError;
use crate::layout::Layout;
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;

/// What to log in with, on the pages too.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Logs in with the kept password, or registers.
pub(crate) async fn log_in(layout: &Layout, api: &mut Api) -> Result<Login, StackError> {
    if let Some(login) = kept(layout) {
        match authenticate(api, &login).await {
            Ok(()) => return Ok(login),
            // The database was made anew below a kept password.
            Err(refused) if refused.status == Some(401) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    let login = register(layout, api).await?;
    authenticate(api, &login).await?;
    Ok(login)
}

async fn authenticate(api: &mut Api, login: &Login) -> Result<(), super::api::Refused> {
    let body = json!({"email": login.email, "password": login.password});
    let answer = api.post("/api/auth/login", &body).await?;
    api.use_token(answer["access_token"].as_str().unwrap_or_default().to_owned());
    Ok(())
}

async fn register(layout: &Layout, api: &Api) -> Result<Login, StackError> {
    let password = random_hex(12)?;
    // The second address is for a state folder whose note of the password was lost.
    for email in ["admin@example.com".to_owned(), format!("admin-{}@example.com", random_hex(3)?)] {
        match api.post("/api/auth/register", &json!({"email": email, "password": password})).await {
            Ok(_) => {
                let login = Login { email, password };
                keep(layout, &login)?;
                return Ok(login);
            }
            Err(refused) if refused.status == Some(409) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    StackError::refused("no admin could be registered: both addresses are taken")
}

fn kept(layout: &Layout) -> Option<Login> {
    let note: Value = serde_json::from_str(&fs::read_to_string(layout.state.join("demo-admin.json")).ok()?).ok()?;
    Some(Login { email: note["email"].as_str()?.to_owned(), password: note["password"].as_str()?.to_owned() })
}

fn keep(layout: &Layout, login: &Login) -> Result<(), StackError> {
    let path = layout.state.join("demo-admin.json");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    writeln!(file, "{}", json!({"email": login.email, "password": login.password}))?;
    Ok(())
}

/// Randomness of the system, in hex.
pub(crate) fn random_hex(bytes: usize) -> Result<String, StackError> {
    let mut buffer = vec![0_u8; bytes];
    File::open("/dev/urandom")?.read_exact(&mut buffer)?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}
