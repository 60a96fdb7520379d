//! The command `osteon`.

use std::process::ExitCode;

fn main() -> ExitCode {
    osteon_server::cli::main()
}
