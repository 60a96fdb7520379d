//! The role matrix of the care specification, section 4, as a table that a person can compare with it.
//!
//! A cell: R read, W write own entries, E edit plans and records, P propose, s the summary only, - nothing.
//! `*` after a letter: only where the patient granted it. `o` after R or W: only under a label whose audience
//! names the reader (their own threads, their own audit rows). What the specification adds in words
//! ("P height and weight") stands in the writer and proposer lists of the fields, which are asked as well.

use crate::{Categories, Category, Role};

/// Category, then PT, CG, DI, PH, ON, NU, AD.
pub const MATRIX: [(u8, [&str; 7]); 22] = [
    (1, ["RW", "R*", "s", "s", "R", "RE", "RE"]),
    (2, ["RP", "R*", "s", "s", "RE", "RE", "-"]),
    (3, ["RP", "R*P*", "s", "RP", "RE", "RE", "-"]),
    (4, ["RWP", "R*W*", "RP", "s", "RE", "RE", "-"]),
    (5, ["RW", "R*", "s", "s", "RE", "RE", "-"]),
    (6, ["RW", "R*W*", "R", "RW", "RW", "RW", "-"]),
    (7, ["RWP", "R*W*", "RE", "sP", "RP", "RWP", "-"]),
    (8, ["RWP", "R*W*", "s", "RE", "RP", "RWP", "-"]),
    (9, ["RWE", "R*W*E*", "s", "RE", "R", "RW", "-"]),
    (10, ["RW", "R*", "R*", "R*", "R", "R", "-"]),
    (11, ["RW", "R*", "R*", "-", "R", "R", "-"]),
    (12, ["RW", "-", "R*", "-", "R", "R*", "-"]),
    (13, ["RWP", "R*", "s", "-", "RE", "RE", "-"]),
    (14, ["RE", "R*", "RP", "RP", "RP", "RP", "-"]),
    (15, ["RE", "R*", "-", "-", "R*W*", "R*W*", "-"]),
    (16, ["RW", "R*", "s", "s", "RE", "RE", "-"]),
    (17, ["RW", "RW", "RE", "RE", "RE", "RE", "RW"]),
    (18, ["RW", "R*", "RW", "RW", "RW", "RE", "RE"]),
    (19, ["RoWo", "Ro*Wo*", "RoWo", "RoWo", "RoWo", "RoWo", "RoWo"]),
    (20, ["RW", "-", "-", "-", "-", "-", "-"]),
    (21, ["R", "R*", "R", "R", "R", "R", "-"]),
    (22, ["R", "-", "-", "-", "Ro", "Ro", "RE"]),
];

/// How far one letter of a cell goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Mode {
    #[default]
    No,
    /// Only where the patient granted it.
    Granted,
    Yes,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    pub read: Mode,
    /// Reading and writing only under a label that names the reader.
    pub own: bool,
    pub write: Mode,
    pub edit: Mode,
    pub propose: Mode,
    pub summary: bool,
}

/// The matrix parsed, by category number and role number (row and column 0 are empty).
pub const CELLS: [[Cell; 9]; 23] = parse();

pub const fn cell(category: Category, role: Role) -> Cell {
    CELLS[category.number() as usize][role.number() as usize]
}

const fn parse() -> [[Cell; 9]; 23] {
    const EMPTY: Cell =
        Cell { read: Mode::No, own: false, write: Mode::No, edit: Mode::No, propose: Mode::No, summary: false };
    let mut cells = [[EMPTY; 9]; 23];
    let mut row = 0;
    while row < MATRIX.len() {
        let (category, columns) = MATRIX[row];
        let mut column = 0;
        while column < columns.len() {
            cells[category as usize][column + 1] = parse_cell(columns[column].as_bytes());
            column += 1;
        }
        row += 1;
    }
    cells
}

/// Runs at compile time only: a letter that does not belong there does not compile.
const fn parse_cell(text: &[u8]) -> Cell {
    let mut cell =
        Cell { read: Mode::No, own: false, write: Mode::No, edit: Mode::No, propose: Mode::No, summary: false };
    let mut at = 0;
    while at < text.len() {
        let letter = text[at];
        at += 1;
        if at < text.len() && text[at] == b'o' {
            cell.own = true;
            at += 1;
        }
        let mut mode = Mode::Yes;
        if at < text.len() && text[at] == b'*' {
            mode = Mode::Granted;
            at += 1;
        }
        match letter {
            b'R' => cell.read = mode,
            b'W' => cell.write = mode,
            b'E' => cell.edit = mode,
            b'P' => cell.propose = mode,
            b's' => cell.summary = true,
            b'-' => {}
            _ => panic!("a letter that the matrix does not know"),
        }
    }
    cell
}

/// One role's column as masks: what it has by itself and what a grant opens.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) read: Pair,
    pub(crate) write: Pair,
    pub(crate) edit: Pair,
    pub(crate) propose: Pair,
    pub(crate) own: Categories,
    pub(crate) summary: Categories,
    /// What the patient can take away.
    pub(crate) narrowable: Categories,
}

#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) by_default: Categories,
    pub(crate) by_grant: Categories,
}

impl Pair {
    const fn add(&mut self, mode: Mode, category: u8) {
        match mode {
            Mode::No => {}
            Mode::Granted => self.by_grant.0 |= 1 << category,
            Mode::Yes => self.by_default.0 |= 1 << category,
        }
    }

    pub(crate) const NOTHING: Self = Self { by_default: Categories::NONE, by_grant: Categories::NONE };

    pub(crate) const fn or(self, other: Self) -> Self {
        Self { by_default: self.by_default.or(other.by_default), by_grant: self.by_grant.or(other.by_grant) }
    }

    pub(crate) const fn with(self, opened: Categories) -> Categories {
        self.by_default.or(self.by_grant.and(opened))
    }
}

static COLUMNS: [Column; 9] = columns();

pub(crate) fn column(role: Role) -> &'static Column {
    &COLUMNS[role.number() as usize]
}

const fn columns() -> [Column; 9] {
    const NONE: Pair = Pair::NOTHING;
    const EMPTY: Column = Column {
        read: NONE,
        write: NONE,
        edit: NONE,
        propose: NONE,
        own: Categories::NONE,
        summary: Categories::NONE,
        narrowable: Categories::NONE,
    };
    let mut columns = [EMPTY; 9];
    let mut role = 1;
    while role < columns.len() {
        let column = &mut columns[role];
        let mut category = 1;
        while category <= Category::LAST {
            let cell = CELLS[category as usize][role];
            column.read.add(cell.read, category);
            column.write.add(cell.write, category);
            column.edit.add(cell.edit, category);
            column.propose.add(cell.propose, category);
            column.own.0 |= (cell.own as u32) << category;
            column.summary.0 |= (cell.summary as u32) << category;
            category += 1;
        }
        column.narrowable = match Role::from_number(role as u8) {
            None | Some(Role::Patient | Role::System) => Categories::NONE,
            Some(other) if other.is_clinician() => Categories::ALL.minus(Category::C21_SAFETY_MINIMUM.bit()),
            Some(_) => Categories::ALL,
        };
        role += 1;
    }
    columns
}
