//! Statements about wake-ups. Both databases run them unchanged.

use super::statements;

statements! {
    WAKE_ENDPOINT_PUT = "INSERT INTO wake_endpoint (device, account, sealed, since_ms, woken_ms) VALUES ($1, $2, $3, $4, 0) \
        ON CONFLICT (device) DO UPDATE SET account = excluded.account, sealed = excluded.sealed, \
        since_ms = excluded.since_ms";
    WAKE_ENDPOINT_DELETE = "DELETE FROM wake_endpoint WHERE device = $1";
    WAKE_ENDPOINT = "SELECT account, sealed, since_ms, woken_ms FROM wake_endpoint WHERE device = $1";
    WAKE_ENDPOINT_WOKEN = "UPDATE wake_endpoint SET woken_ms = $2 WHERE device = $1";
    /// Account, class, time, and the device that is awake. One that is tried already goes on as it is, but for what is urgent.
    WAKE_PUT = "INSERT INTO wake (device, class, made_ms, due_ms, tries) SELECT device, $2, $3, $3, 0 FROM wake_endpoint \
        WHERE account = $1 AND device <> $4 ON CONFLICT (device, class) DO UPDATE SET made_ms = excluded.made_ms, \
        due_ms = CASE WHEN excluded.class = 1 THEN excluded.due_ms ELSE wake.due_ms END, \
        tries = CASE WHEN excluded.class = 1 THEN 0 ELSE wake.tries END";
    /// Of one device.
    WAKE_DEVICE_PUT = "INSERT INTO wake (device, class, made_ms, due_ms, tries) SELECT device, $2, $3, $3, 0 \
        FROM wake_endpoint WHERE device = $1 ON CONFLICT (device, class) DO UPDATE SET made_ms = excluded.made_ms";
    WAKES_LEASE = "UPDATE wake SET due_ms = $2, tries = tries + 1 WHERE due_ms <= $1 AND device IN \
        (SELECT device FROM wake WHERE due_ms <= $1 ORDER BY due_ms LIMIT $3) RETURNING device, class, made_ms, tries";
    /// Of one class, unless it was made again since.
    WAKE_DONE = "DELETE FROM wake WHERE device = $1 AND class = $2 AND made_ms <= $3";
    /// Its push service listens: what waited for a better moment of it goes now.
    WAKES_NOW = "UPDATE wake SET due_ms = $2 WHERE device = $1 AND due_ms > $2";
    WAKE_LATER = "UPDATE wake SET due_ms = $3 WHERE device = $1 AND class = $2";
    WAKES_DELETE = "DELETE FROM wake WHERE device = $1";
}
