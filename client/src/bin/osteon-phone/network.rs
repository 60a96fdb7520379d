//! The network off, on, or bad.

use osteon_client::{Phone, line::Line};
use serde_json::{Value as Json, json};

use crate::{
    args::{DONE, OfflineArgs, Switch},
    show::Out,
};

pub(crate) async fn switch(phone: &Phone, args: &OfflineArgs, out: &Out) -> anyhow::Result<u8> {
    let line = match (args.lossy, args.slow) {
        (Some(percent), _) => Line::Lossy { percent, round_trip_ms: args.round_trip.unwrap_or(0) },
        (None, Some(_)) => Line::Slow2g,
        (None, None) => Line::Good,
    };
    let off = args.switch == Some(Switch::On);
    if off && line != Line::Good {
        anyhow::bail!("offline on: there is no line that could be bad. Say: osteon-phone offline off --lossy 30%");
    }
    if !off {
        phone.set_line(line).await?;
    }
    phone.set_offline(off).await?;
    let text = match (off, line.words()) {
        (true, _) => "Offline: nothing is sent or received until you say: offline off".to_owned(),
        (false, None) => "Online again.".to_owned(),
        (false, Some(words)) => {
            format!("Online, on a bad line: {words}. Saving waits for nothing. A good line: offline off")
        }
    };
    out.say(&text, &json!({"offline": off, "line": line_json(line)}));
    Ok(DONE)
}

/// Of a line that was made bad; null: it was not.
pub(crate) fn line_json(line: Line) -> Json {
    match line {
        Line::Good => Json::Null,
        Line::Lossy { percent, round_trip_ms } => {
            json!({"lossy_percent": percent, "round_trip_ms": round_trip_ms})
        }
        Line::Slow2g => json!({"slow": "2g"}),
    }
}
