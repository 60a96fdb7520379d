//! Attachments and wake-ups by grpcurl: a photo goes up in two chunks and comes down again; where this device is woken.

use aws_lc_rs::digest::{SHA256, digest};
use osteon_tests::device::Device;
use serde_json::json;

use super::{Curl, base64, request_id, text};

const HAZARD: u32 = 352;
const PHOTO: u32 = 4;

pub(super) fn attachment_calls(curl: &Curl<'_>, patient: &Device, nurse: &Device) {
    const SERVICE: &str = "osteon.attachment.v1.AttachmentService";
    let circle = patient.circle.to_string();
    let (own, theirs) = (patient.tokens.access_token.as_str(), nurse.tokens.access_token.as_str());
    let mut photo = b"\x89PNG\r\n\x1a\n".to_vec();
    photo.extend((0..30_000u32).map(|i| (i % 253) as u8));
    let sha = digest(&SHA256, &photo);
    let hazard = json!({"home_hazard": {
        "parent": base64(&[5; 16]), "room": "HOME_ROOM_KITCHEN", "code": "HOME_SAFETY_QUESTION_FLOORS_RUGS",
        "photo_ref": format!("sha256:{}", hex::encode(sha.as_ref())),
    }});
    let create = json!({"circle": circle, "request_id": request_id(), "body": hazard});
    let made = curl.one(own, "osteon.record.v1.RecordService/CreateRecord", create);
    let record = text(&made, "/record/recordId");
    let read = json!({"circle": circle, "record_id": record, "sha256": base64(sha.as_ref()), "offset": "10000"});
    let refused = curl.call(theirs, &format!("{SERVICE}/ReadAttachment"), &read).expect_err("not there yet");
    assert!(refused.contains("ATTACHMENT_MISSING"), "{refused}");
    let begin = json!({
        "circle": circle, "record_id": record, "record_type": HAZARD, "field": PHOTO, "sha256": base64(sha.as_ref()),
        "size": photo.len().to_string(), "media_type": "MEDIA_TYPE_PNG",
    });
    let begun = curl.one(own, &format!("{SERVICE}/BeginUpload"), begin);
    assert_eq!((text(&begun, "/received"), &begun["complete"]), ("0", &json!(false)));
    for (offset, part) in [(0, &photo[..20_000]), (20_000, &photo[20_000..])] {
        let chunk = json!({
            "circle": circle, "upload_id": begun["uploadId"], "offset": offset.to_string(), "data": base64(part),
        });
        let taken = curl.one(own, &format!("{SERVICE}/UploadChunk"), chunk);
        assert_eq!(text(&taken, "/received"), (offset + part.len()).to_string());
    }
    let got = curl.one(theirs, &format!("{SERVICE}/ReadAttachment"), read);
    assert_eq!((text(&got, "/data"), text(&got, "/mediaType")), (base64(&photo[10_000..]).as_str(), "MEDIA_TYPE_PNG"));
}

/// This server was started without hosts: wake-ups are off, and that is said.
pub(super) fn wake_calls(curl: &Curl<'_>, nurse: &Device) {
    const SERVICE: &str = "osteon.wake.v1.WakeService";
    let token = nurse.tokens.access_token.as_str();
    let told = curl.one(token, &format!("{SERVICE}/GetWake"), json!({}));
    assert_eq!((&told["registered"], &told["hosts"]), (&json!(false), &json!([])));
    let asked = json!({"endpoint": "https://push.example.org/a", "p256dh": base64(&[4; 65]), "auth": base64(&[1; 16])});
    let refused = curl.call(token, &format!("{SERVICE}/SetWake"), &asked).expect_err("no host is allowed");
    assert!(refused.contains("WAKE_ENDPOINT"), "{refused}");
    curl.one(token, &format!("{SERVICE}/SetWake"), json!({}));
}
