//! A file system for SQLite that fails on purpose, under the folders that a test names; elsewhere it is the real one.
//!
//! [`Faults::watch`] counts what changes files: writes, cuts, syncs, deletions. It can stop at operation `n` (from then on
//! nothing works, as after a crash), tear the write that it stops at, and be full. [`Faults::power_cut`] takes back what was
//! written and never synced, as a machine does that loses its power.

mod disk;
mod shim;

pub use disk::Faults;

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use libsqlite3_sys as ffi;

    use super::Faults;

    /// Runs statements on a database; the code of the first that fails.
    fn run(path: &std::path::Path, statements: &[&str]) -> i32 {
        let name = CString::new(path.to_str().unwrap()).unwrap();
        let mut db = std::ptr::null_mut();
        // SAFETY: a handle is opened, used and closed here alone; every text ends with a zero.
        unsafe {
            let mut code = ffi::sqlite3_open(name.as_ptr(), &mut db);
            for statement in statements {
                if code == ffi::SQLITE_OK {
                    let sql = CString::new(*statement).unwrap();
                    code = ffi::sqlite3_exec(db, sql.as_ptr(), None, std::ptr::null_mut(), std::ptr::null_mut());
                }
            }
            ffi::sqlite3_close(db);
            code
        }
    }

    #[test]
    fn it_stops_where_it_is_told_and_is_full_where_it_is_told() {
        let dir = std::env::temp_dir().join(format!("faulty-vfs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("a.db");
        let faults = Faults::watch(&dir);
        let all = ["PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"];
        assert_eq!(run(&path, &all), ffi::SQLITE_OK);
        assert!(faults.operations() > 4);
        faults.stop_at(Some(1));
        assert_eq!(run(&path, &["INSERT INTO t VALUES (2)"]) & 0xff, ffi::SQLITE_IOERR);
        faults.stop_at(None);
        assert_eq!(run(&path, &["INSERT INTO t VALUES (3)"]), ffi::SQLITE_OK);
        faults.full_beyond(Some(0));
        assert_eq!(run(&path, &["INSERT INTO t VALUES (randomblob(100000))"]) & 0xff, ffi::SQLITE_FULL);
        drop(faults);
        assert_eq!(run(&path, &["INSERT INTO t VALUES (4)"]), ffi::SQLITE_OK);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
