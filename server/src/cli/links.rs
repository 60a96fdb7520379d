//! One-time links by which a browser signs in to a demo: one for each role of the team.

use osteon_proto::meta::Role;

use super::{role, token};
use crate::app::{App, demo_links};

/// Whom a demo is shown as.
const ROLES: [Role; 5] = [Role::Nurse, Role::Physician, Role::Physiotherapist, Role::Dietitian, Role::ClinicAdmin];

/// A link for each of them whom the demo has, by role. Outside of a demo there is none. `sign_in`: address of the sign-in page.
pub(super) async fn made(app: &App, sign_in: Option<&str>) -> anyhow::Result<Vec<(String, String)>> {
    let Some(sign_in) = sign_in.filter(|_| app.is_demo()) else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    for role in ROLES {
        for (clinic, _) in app.store.clinics().await? {
            let mut found = None;
            for (circle, _) in app.store.circles_of_clinic(clinic).await? {
                found = token::somebody(app, circle, role).await.ok();
                if found.is_some() {
                    break;
                }
            }
            if let Some(account) = found {
                links.push((role::word(role).to_owned(), link(app, account, sign_in).await?));
                break;
            }
        }
    }
    Ok(links)
}

/// A link for one account.
pub(super) async fn link(app: &App, account: u64, sign_in: &str) -> anyhow::Result<String> {
    let end = demo_links::make(app, account).await?;
    let root = sign_in.strip_suffix(crate::web::SIGN_IN).unwrap_or(sign_in);
    Ok(format!("{root}/web/demo/{end}"))
}
