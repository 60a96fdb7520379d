//! A16, PRO-CTCAE: one grade of 0 to 3 out of what a person answered about a symptom's frequency, severity and
//! interference. The tables are those of Basch 2021, compared with the 179 rows of ProAE 1.0.4.

use osteon_proto::meta::SourceState;

use super::{Assessed, Assessment, Given, Word, words};
use crate::source::Source;

words! {
    /// The composite grade.
    CompositeGrade {
        Grade0 = "grade_0", "0: not there";
        Grade1 = "grade_1", "1";
        Grade2 = "grade_2", "2";
        Grade3 = "grade_3", "3";
    }
}

words! {
    /// Which attributes an item asks for: the first letters of frequency, severity, interference.
    Attributes {
        F = "f", "frequency";
        S = "s", "severity";
        I = "i", "interference";
        FS = "fs", "frequency, severity";
        FI = "fi", "frequency, interference";
        SI = "si", "severity, interference";
        FSI = "fsi", "frequency, severity, interference";
    }
}

pub static PRO_CTCAE: Assessment = Assessment {
    id: "A16",
    name: "PRO-CTCAE composite grade",
    source: Source {
        key: "PRO-CTCAE",
        state: SourceState::Verified,
        version: 1,
        caution: "About the last seven days, as the person answered. Not a diagnosis.",
    },
    parts: &[],
    inputs: &[
        ("frequency", "0 never … 4 almost constantly"),
        ("severity", "0 none … 4 very severe"),
        ("interference", "0 not at all … 4 very much"),
    ],
    bands: CompositeGrade::TABLE,
    score: "grade 0–3",
    licence: "NCI terms of use; free for trials, the wording for routine care is to be checked there",
};

/// What was answered, 0 to 4 each. None: not answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Answers {
    pub frequency: Option<u8>,
    pub severity: Option<u8>,
    pub interference: Option<u8>,
}

impl Attributes {
    /// (frequency, severity, interference)
    fn asked(self) -> [bool; 3] {
        match self {
            Self::F => [true, false, false],
            Self::S => [false, true, false],
            Self::I => [false, false, true],
            Self::FS => [true, true, false],
            Self::FI => [true, false, true],
            Self::SI => [false, true, true],
            Self::FSI => [true, true, true],
        }
    }

    /// The set that asks exactly for these (frequency, severity, interference); None if for nothing.
    pub fn of(asked: [bool; 3]) -> Option<Self> {
        Self::ALL.iter().copied().find(|attributes| attributes.asked() == asked)
    }

    /// What an item of the library asks for (the ones that the journal needs); None: not one of them.
    pub fn of_item(item: u32) -> Option<Self> {
        Some(match item {
            1 | 2 | 7 | 15 => Self::S,
            3 | 8 | 39 | 40 | 52 | 53 => Self::SI,
            9 | 10 | 77 => Self::FS,
            16 => Self::F,
            18 | 65 => Self::FI,
            22 | 48 | 50 | 51 | 54 | 56 => Self::FSI,
            _ => return None,
        })
    }
}

/// The first attribute at 0 makes grade 0; what branching then left out counts 0. After any other first answer each
/// attribute of the item is needed.
pub fn composite(attributes: Attributes, answers: &Answers) -> Assessed<CompositeGrade> {
    let mut given = Given::new(&PRO_CTCAE);
    let all =
        [("frequency", answers.frequency), ("severity", answers.severity), ("interference", answers.interference)];
    let mut graded: [Option<usize>; 3] = [None; 3];
    let asked = attributes.asked();
    let mut first = true;
    for (((name, answer), asked), place) in all.into_iter().zip(asked).zip(&mut graded) {
        if !asked {
            continue;
        }
        let found = given.whole(name, answer.map(i64::from), 0, 4).and_then(|answer| usize::try_from(answer).ok());
        if first && found == Some(0) {
            return given.tell_points(0, CompositeGrade::Grade0);
        }
        (*place, first) = (found, false);
    }
    let [frequency, severity, interference] = graded;
    match grade(frequency, severity, interference) {
        Some(grade) => {
            let band = CompositeGrade::ALL.get(usize::from(grade)).copied();
            given.tell(Some(super::Score::points(i64::from(grade))), band)
        }
        None => given.cannot_tell(),
    }
}

/// Rows: first attribute 1–4. Columns: second 0–4.
type Table = [[u8; 5]; 4];

const F_ONLY: [u8; 5] = [0, 1, 1, 2, 3];
const S_ONLY: [u8; 5] = [0, 1, 2, 3, 3];
const I_ONLY: [u8; 5] = [0, 1, 1, 2, 2];
const F_S: Table = [[1, 1, 1, 2, 2], [1, 1, 2, 2, 2], [1, 1, 2, 3, 3], [1, 1, 2, 3, 3]];
const F_I: Table = [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 1, 2, 3, 3], [1, 1, 2, 3, 3]];
const S_I: Table = [[1, 1, 1, 2, 2], [1, 1, 2, 2, 3], [1, 2, 2, 3, 3], [2, 2, 2, 3, 3]];
/// Frequency 1–4, severity 0–4, interference 0–4.
const F_S_I: [[[u8; 5]; 5]; 4] = [
    [[0, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 2, 2, 2, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3]],
    [[0, 1, 1, 2, 2], [1, 1, 1, 2, 2], [2, 2, 2, 3, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3]],
    [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3], [2, 2, 3, 3, 3]],
    [[1, 1, 1, 2, 2], [1, 1, 2, 2, 3], [2, 2, 2, 3, 3], [2, 2, 3, 3, 3], [2, 2, 3, 3, 3]],
];

/// Of the attributes that are there; the first of several is above 0.
fn grade(frequency: Option<usize>, severity: Option<usize>, interference: Option<usize>) -> Option<u8> {
    let cell = |table: &Table, row: usize, column: usize| Some(*table.get(row.checked_sub(1)?)?.get(column)?);
    match (frequency, severity, interference) {
        (Some(f), None, None) => F_ONLY.get(f).copied(),
        (None, Some(s), None) => S_ONLY.get(s).copied(),
        (None, None, Some(i)) => I_ONLY.get(i).copied(),
        (Some(f), Some(s), None) => cell(&F_S, f, s),
        (Some(f), None, Some(i)) => cell(&F_I, f, i),
        (None, Some(s), Some(i)) => cell(&S_I, s, i),
        (Some(f), Some(s), Some(i)) => Some(*F_S_I.get(f.checked_sub(1)?)?.get(s)?.get(i)?),
        (None, None, None) => None,
    }
}
