//! What a lesion that the exercise plan has not seen leaves of its sessions (A21, [`crate::together::limited`]): until somebody
//! has looked at the plan, the person asks first. The overlay goes by exercise and module; a session is of a block.

use std::collections::BTreeMap;

use osteon_sync_core::RecordId;

use super::{Block, Movement, Title};
use crate::{
    assess::{
        Word as _,
        overlay::{Exclusion, Module},
    },
    facts::{Id, gather::Merged},
    together::{Leaves, Limited, Records, limited},
};

const PLAN: u32 = 201;
const EXERCISE: u32 = 211;
const MODULE: u32 = 212;
const LESION: u32 = 251;

/// Why somebody asks before they do a session: the least that any lesion leaves of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unseen {
    pub leaves: Leaves,
    pub exclusions: Vec<Exclusion>,
}

/// By plan and block. `blocks`: of each exercise, by record.
pub(super) fn unseen(
    merged: &[Merged<'_>],
    movement: &BTreeMap<Id, Movement>,
    blocks: &BTreeMap<RecordId, Vec<Block>>,
) -> BTreeMap<(Id, Block), Unseen> {
    let mut records = Records::new();
    for one in merged.iter().filter(|one| matches!(one.type_number, PLAN | EXERCISE | MODULE | LESION)) {
        if let Some(part) = one.part {
            records.put(one.type_number, one.record, one.label, part);
        }
    }
    let mut found: BTreeMap<(Id, Block), Unseen> = BTreeMap::new();
    for one in limited(&records) {
        let plan = Id(one.plan);
        let named = blocks.get(&one.record).cloned().unwrap_or_default();
        let of_plan = movement.get(&plan).map(|movement| &movement.blocks).into_iter().flatten().copied();
        let concerned: Vec<Block> = match one.type_number {
            EXERCISE => named,
            // A plan that names no exercises has one block.
            _ => of_plan.chain([Block::Main]).filter(|block| is_of(*block, one.module)).collect(),
        };
        for block in concerned {
            let leaves = leaves(&one, block);
            let entry = found.entry((plan, block)).or_insert_with(|| Unseen { leaves, exclusions: Vec::new() });
            entry.leaves = entry.leaves.min(leaves);
            entry.exclusions.extend(&one.exclusions);
            entry.exclusions.sort_unstable();
            entry.exclusions.dedup();
        }
    }
    found
}

/// Whether a module is worked in a block: of the main block nobody says which.
fn is_of(block: Block, module: Option<Module>) -> bool {
    match (block, module) {
        (Block::Main, _) | (_, None) => true,
        (Block::Core, Some(module)) => module == Module::Trunk,
        (Block::Balance | Block::Proprioception, Some(module)) => module == Module::WeightBearing,
    }
}

/// Of the main block one module may be left out, and the physiotherapist says which exercises those are.
fn leaves(one: &Limited, block: Block) -> Leaves {
    if block == Block::Main { Leaves::Ask } else { one.leaves }
}

impl Unseen {
    pub(super) fn note(&self) -> Title {
        let leaves = match self.leaves {
            Leaves::Nothing => "nothing",
            Leaves::WithExclusions => "some",
            Leaves::Ask => "ask",
        };
        let exclusions = self.exclusions.iter().map(|one| ("without", one.code().to_owned()));
        Title {
            key: "task.note.ask_first",
            values: [("leaves", leaves.to_owned())].into_iter().chain(exclusions).collect(),
        }
    }
}
