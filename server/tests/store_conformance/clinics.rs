//! A clinic's own circle: founded once, nobody's patient.

use osteon_server::store::{Store, identity::NewCircle};

use crate::fixture::vault;

pub(crate) async fn all(store: &dyn Store) {
    let clinic = store.create_clinic("with-circle").await.unwrap();
    assert!(store.clinics().await.unwrap().contains(&(clinic, "with-circle".to_owned())));
    assert_eq!(store.clinic_circle(clinic).await.unwrap(), None);
    let new = |clinic| NewCircle {
        clinic,
        short_id: "clinic".to_owned(),
        wrapped_key: vault().new_circle_key(clinic, "clinic").unwrap(),
    };
    let own = store.create_clinic_circle(new(clinic)).await.unwrap();
    assert_eq!(store.create_clinic_circle(new(clinic)).await.unwrap(), own, "founded once");
    assert_eq!(store.clinic_circle(clinic).await.unwrap(), Some(own));
    assert_eq!(store.circle_by_short_id(clinic, "clinic").await.unwrap(), Some(own));
    assert!(store.circles_of_clinic(clinic).await.unwrap().is_empty(), "nobody's patient");
    assert_eq!(store.staff_of(clinic).await.unwrap(), []);
    assert!(store.create_clinic_circle(new(9_999)).await.is_err(), "of no clinic");
}
