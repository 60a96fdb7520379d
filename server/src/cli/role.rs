//! Roles as people type them: patient, nurse, clinic-admin.

use osteon_proto::meta::Role;

/// Reads a role's word. The system's own role is nobody's.
pub(super) fn parse(word: &str) -> Result<Role, String> {
    let name = format!("ROLE_{}", word.to_ascii_uppercase().replace('-', "_"));
    match Role::from_str_name(&name) {
        Some(role) if (Role::Patient..=Role::ClinicAdmin).contains(&role) => Ok(role),
        _ => Err("one of patient, caregiver, dietitian, physiotherapist, physician, nurse, clinic-admin".to_owned()),
    }
}

/// The word of a role.
pub(super) fn word(role: Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_person_s_role_has_a_word_and_the_system_has_none() {
        for role in 1..=7 {
            let role = Role::try_from(role).expect("a role");
            assert_eq!(parse(&word(role)), Ok(role));
        }
        assert!(parse("system").is_err() && parse("unspecified").is_err() && parse("").is_err());
        assert_eq!(parse("Clinic_Admin"), Ok(Role::ClinicAdmin));
    }
}
