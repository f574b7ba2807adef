//! The program `uvote`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

/// U-Vote on the command line.
#[derive(Debug, Parser)]
#[command(name = "uvote", version, disable_help_subcommand = true)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Count a file of ballots by any method, without a server
    Count(uvote::count::Arguments),
    /// List the methods, what they do and for whom they are good
    Methods,
}

fn main() -> ExitCode {
    let told = match Program::parse().command {
        Command::Count(arguments) => uvote::count::count(&arguments),
        Command::Methods => Ok(uvote::count::methods()),
    };
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    match told {
        // Whoever closes the pipe early has read enough.
        Ok(text) => out.write_all(text.as_bytes()).map_or(ExitCode::SUCCESS, |()| ExitCode::SUCCESS),
        Err(refused) => {
            let _ = writeln!(err, "uvote: {refused}");
            ExitCode::FAILURE
        }
    }
}
