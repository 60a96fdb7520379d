//! Lines that work when pasted: what a stranger types first.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use osteon_sync_core::RecordId;
use serde_json::json;

use crate::store::CircleNo;

/// What the lines are about.
pub(crate) struct About<'a> {
    pub(crate) data: &'a Path,
    /// host:port.
    pub(crate) address: &'a str,
    /// This program, as it was started.
    pub(crate) program: &'a str,
    pub(crate) circle: CircleNo,
    pub(crate) exercise_plan: RecordId,
    /// Epoch and replica of the urgent lane of the device that `osteon token --as nurse` enrolled.
    pub(crate) epoch: u32,
    pub(crate) nurse_replica: u32,
    /// The id of the record that the pasted push makes.
    pub(crate) fresh: RecordId,
    pub(crate) now_ms: u64,
}

/// Number of `lift_max_kg` in the exercise plan.
const LIFT_MAX_KG: u32 = 3;

/// (what it does, the line).
pub(crate) fn lines(about: &About<'_>) -> Vec<(String, String)> {
    let data = about.data.display();
    let grpcurl = format!("grpcurl -cacert {data}/ca.pem");
    let token = format!("-H \"authorization: Bearer $({} token --data-dir {data} --as nurse)\"", about.program);
    let call = |message: &serde_json::Value, method: &str| {
        format!("{grpcurl} {token} -d '{message}' {} {method}", about.address)
    };
    let circle = about.circle.to_string();
    let plan = uuid::Uuid::from_bytes(about.exercise_plan.0).to_string();
    let written = jiff::Timestamp::from_millisecond(i64::try_from(about.now_ms).unwrap_or(0)).unwrap_or_default();
    let push = json!({
        "circle": circle, "epoch": about.epoch, "replica": about.nurse_replica, "first_counter": "1",
        "field_table_version": osteon_proto::table::FIELD_TABLE_VERSION,
        "changes": [{
            "clock_ms": about.now_ms.to_string(),
            "writes": [{
                "record": STANDARD.encode(about.fresh.0), "create": true,
                "body": {"pain_entry": {
                    "effective_start": {"at": written.to_string(), "utc_offset_min": 0, "zone": "UTC"},
                    "worst_24h": 4, "site": ["thigh"],
                }},
            }],
        }],
    });
    vec![
        ("What services are there?".into(), format!("{grpcurl} {} list", about.address)),
        (
            "Everything that the nurse may read of D-0001, as a phone gets it:".into(),
            call(&json!({"positions": [{"circle": circle}]}), "osteon.sync.v1.SyncService/Pull"),
        ),
        (
            "Why may demo patient 1 lift 3 kg, and who wanted what?".into(),
            call(
                &json!({"circle": circle, "record_id": plan, "fields": [LIFT_MAX_KG]}),
                "osteon.record.v1.RecordService/ExplainRecord",
            ),
        ),
        (
            "What warns now, of all six patients, in the nurse's words; each with its source and how sure that is:"
                .into(),
            call(&json!({"at_least": "ALERT_SEVERITY_URGENT"}), "osteon.alert.v1.AlertService/ListAlerts"),
        ),
        (
            "What is demo patient 1 to do today?".into(),
            call(&json!({"circle": circle}), "osteon.task.v1.TaskService/ListTasks"),
        ),
        (
            "A change by the nurse's device. Pasted again it gets the same verdict and changes nothing:".into(),
            call(&push, "osteon.sync.v1.SyncService/Push"),
        ),
        (
            "Who looked at D-0001, who changed what, and who was refused?".into(),
            format!("{} audit show --data-dir {data} --circle d0001", about.program),
        ),
        ("Has anybody changed that since?".into(), format!("{} audit verify --data-dir {data}", about.program)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_breaks_out_of_its_quotes() {
        let id = RecordId([7; 16]);
        let about = About {
            data: Path::new("run/demo"),
            address: "localhost:8443",
            program: "target/release/osteon",
            circle: 1,
            exercise_plan: id,
            epoch: 1,
            nurse_replica: 9,
            fresh: id,
            now_ms: 1_795_600_000_000,
        };
        for (what, line) in lines(&about) {
            assert!(line.matches('\'').count() % 2 == 0 && !line.contains('\n'), "{what}");
        }
    }
}
