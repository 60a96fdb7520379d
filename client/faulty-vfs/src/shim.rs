//! The table of C functions: each asks [`decide`](crate::disk::decide) first, then the real file system.

use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    mem::size_of,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Once,
};

use libsqlite3_sys as ffi;

use crate::disk::{Doing, Verdict, decide};

/// An open file: SQLite's head, where it lies, and behind it in the same memory the real file.
#[repr(C)]
struct File {
    head: ffi::sqlite3_file,
    path: *mut PathBuf,
}

/// From now on SQLite opens every database of this process by way of this.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    // SAFETY: the real file system lives as long as the process; so does the copy with our functions.
    ONCE.call_once(|| unsafe {
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!real.is_null(), "SQLite has a file system");
        let mut ours = *real;
        ours.szOsFile = (*real).szOsFile + size_of::<File>() as c_int;
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"faulty".as_ptr();
        ours.pAppData = real.cast();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        let code = ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
        assert_eq!(code, ffi::SQLITE_OK);
    });
}

/// Where a file lies. SQLite hands over full paths.
unsafe fn path_of(name: *const c_char) -> PathBuf {
    if name.is_null() {
        return PathBuf::new();
    }
    // SAFETY: SQLite's names end with a zero.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    PathBuf::from(OsStr::from_bytes(bytes))
}

unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `szOsFile` leaves room for the real file behind ours.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// A method of the real file.
macro_rules! real {
    ($file:expr, $method:ident ( $($arg:expr),* )) => {{
        let real = real($file);
        match (*(*real).pMethods).$method {
            Some(method) => method(real, $($arg),*),
            None => ffi::SQLITE_IOERR,
        }
    }};
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: called by SQLite with memory of `szOsFile` bytes, and our own `pAppData`.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let below: *mut ffi::sqlite3_vfs = (*vfs).pAppData.cast();
        let Some(opens) = (*below).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = opens(below, name, real(file), flags, out);
        if code == ffi::SQLITE_OK {
            (*file.cast::<File>()).path = Box::into_raw(Box::new(path_of(name)));
            (*file).pMethods = &METHODS;
        }
        code
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: as above.
    unsafe {
        match decide(&path_of(name), &Doing::Delete) {
            Verdict::Do => {}
            Verdict::Tear(code) | Verdict::Fail(code) => return code,
        }
        let below: *mut ffi::sqlite3_vfs = (*vfs).pAppData.cast();
        (*below).xDelete.map_or(ffi::SQLITE_IOERR, |delete| delete(below, name, sync))
    }
}

unsafe fn lies_at<'a>(file: *mut ffi::sqlite3_file) -> &'a Path {
    // SAFETY: set when it was opened, freed when it is closed.
    unsafe { &*(*file.cast::<File>()).path }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes each file once.
    unsafe {
        drop(Box::from_raw((*file.cast::<File>()).path));
        real!(file, xClose())
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let doing = Doing::Write { at: at.unsigned_abs(), length: u64::from(length.unsigned_abs()) };
    // SAFETY: an open file, and a buffer of `length` bytes.
    unsafe {
        match decide(lies_at(file), &doing) {
            Verdict::Do => real!(file, xWrite(bytes, length, at)),
            Verdict::Tear(code) => {
                let _ = real!(file, xWrite(bytes, length / 2, at));
                code
            }
            Verdict::Fail(code) => code,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, to: ffi::sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    unsafe {
        match decide(lies_at(file), &Doing::Truncate { to: to.unsigned_abs() }) {
            Verdict::Do => real!(file, xTruncate(to)),
            Verdict::Tear(code) | Verdict::Fail(code) => code,
        }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: an open file.
    unsafe {
        match decide(lies_at(file), &Doing::Sync) {
            Verdict::Do => real!(file, xSync(flags)),
            Verdict::Tear(code) | Verdict::Fail(code) => code,
        }
    }
}

/// What is handed through.
macro_rules! pass {
    ($name:ident, $method:ident ( $($arg:ident : $kind:ty),* )) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($arg: $kind),*) -> c_int {
            // SAFETY: the arguments are SQLite's, the file is open.
            unsafe { real!(file, $method($($arg),*)) }
        }
    };
}

pass!(read, xRead(into: *mut c_void, length: c_int, at: ffi::sqlite3_int64));
pass!(file_size, xFileSize(size: *mut ffi::sqlite3_int64));
pass!(lock, xLock(level: c_int));
pass!(unlock, xUnlock(level: c_int));
pass!(check_lock, xCheckReservedLock(out: *mut c_int));
pass!(control, xFileControl(op: c_int, arg: *mut c_void));
pass!(sector, xSectorSize());
pass!(characteristics, xDeviceCharacteristics());
pass!(shm_map, xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void));
pass!(shm_lock, xShmLock(offset: c_int, n: c_int, flags: c_int));
pass!(shm_unmap, xShmUnmap(delete: c_int));

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: an open file.
    unsafe {
        let real = real(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

/// Version 2: with shared memory for the log, without mapped reads.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
