//! The journal work: records of twelve fields of 25 bytes, one edit in five records, two edits that had not seen each
//! other in one of fifty. Made from a seed, so that every library and every run gets the same bytes.

/// The replica that creates the records.
pub(crate) const AUTHOR: u32 = 1;
/// The replica of the edits.
pub(crate) const EDITOR: u32 = 2;
/// The replica of the second edit of the same field, which had not seen the first.
pub(crate) const OTHER: u32 = 3;

pub(crate) const FIELDS: usize = 12;
pub(crate) const FIELD_BYTES: usize = 25;
pub(crate) const NAMES: [&str; FIELDS] = ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12"];

const EDITED_EVERY: usize = 5;
const CONCURRENT_EVERY: usize = 50;

const WORDS: [&str; 24] = [
    "pain", "left", "hip", "night", "walked", "stairs", "soup", "bread", "tired", "better", "worse", "morning", "back",
    "dull", "sharp", "after", "lunch", "slept", "badly", "rested", "arm", "swelling", "none", "again",
];

pub(crate) struct Edit {
    pub(crate) field: usize,
    pub(crate) value: String,
}

pub(crate) struct Record {
    /// Its place in the work, from 0: a library may make ids, counters and clocks of it.
    pub(crate) n: u64,
    pub(crate) values: Vec<String>,
    pub(crate) edit: Option<Edit>,
    pub(crate) concurrent: Option<Edit>,
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Plain words and a number, cut to the length of a field.
    fn value(&mut self) -> String {
        let mut text = format!("{} ", self.next() % 1_000);
        while text.len() < FIELD_BYTES {
            text.push_str(WORDS[(self.next() % WORDS.len() as u64) as usize]);
            text.push(' ');
        }
        text.truncate(FIELD_BYTES);
        text
    }
}

pub(crate) fn records(count: usize, seed: u64) -> Vec<Record> {
    let mut random = Random(seed);
    (0..count)
        .map(|i| {
            let values: Vec<String> = (0..FIELDS).map(|_| random.value()).collect();
            let field = (random.next() % FIELDS as u64) as usize;
            let edit = i.is_multiple_of(EDITED_EVERY).then(|| Edit { field, value: random.value() });
            let concurrent = i.is_multiple_of(CONCURRENT_EVERY).then(|| Edit { field, value: random.value() });
            Record { n: i as u64, values, edit, concurrent }
        })
        .collect()
}
