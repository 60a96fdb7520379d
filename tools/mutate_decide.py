#!/usr/bin/env python3
"""Shows that the tests of access-core notice every change of the decision.

Copies the workspace, puts beside the decision one copy for each change (&& and ||, == and !=, < and >=, a negation taken
away, min and max, one allowance less), builds the tests once, and runs them with each copy in turn: OSTEON_MUTANT says
which one decides. Says which changes no test noticed. A change that does not compile counts as noticed. What is listed in
EQUIVALENT changes nothing that anybody could see; an entry that is noticed after all, or stands for no line any more, is
an error as well.

    tools/mutate_decide.py [--list] [--target DIR]
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# (what is found, what it becomes)
TURNS = [
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" == ", " != "),
    (r" != ", " == "),
    (r" <= ", " > "),
    (r" < ", " >= "),
    (r" > (?=[a-z*])", " <= "),
    (r"!(?=self\.|matches!|by_name|facts|view|member|column|by_default)", ""),
    (r"\.min\(", ".max("),
    (r"\.max\(", ".min("),
    (r"\.minus\(", ".or("),
    (r"\.or\((?=self|rights|opened|Cat|by_|cat)", ".minus("),
    (r"\.includes\(", ".intersects("),
    (r"\.is_none_or\(", ".is_some_and("),
    (r"\.is_some_and\(", ".is_none_or("),
    (r"Some\(true\)", "Some(false)"),
    (r"Some\(false\)", "Some(true)"),
]

# (the line as it stands, the line as it is turned): why nobody can see a difference.
EQUIVALENT = {
    # Whoever asks has read the label before, and what does not parse is read by nobody.
    (
        "LabelView::parse(label).is_some_and(|view| !view.categories.is_empty() && edit.includes(view.categories))",
        "LabelView::parse(label).is_none_or(|view| !view.categories.is_empty() && edit.includes(view.categories))",
    ): "a label that does not parse is not readable, and reading is asked first",
}


# Functions of the file that the decision never asks: what they say is compared with it by other tests.
ELSEWHERE = {"summaries": "of scopes, by a_scope_is_what_decide_reads"}


def lines_of_code(text):
    """Lines that are no comment, no test and no function of ELSEWHERE, with their numbers."""
    inside = ""
    for number, line in enumerate(text.splitlines()):
        stripped = line.strip()
        if stripped.startswith("#[cfg(test)]"):
            return
        inside = (re.findall(r"\bfn (\w+)", stripped) or [inside])[0]
        if stripped and inside not in ELSEWHERE and not stripped.startswith(("//", "use ", "#[", "pub use")):
            yield number, line


def mutants():
    """(number of the line, the line, the line turned) of every change."""
    text = (ROOT / FILE).read_text()
    for number, line in lines_of_code(text):
        code = line.split(" // ")[0]
        for pattern, becomes in TURNS:
            for found in re.finditer(pattern, code):
                yield number, line, line[: found.start()] + becomes + line[found.end() :]


def program(folder, every, leave):
    """The crate with all changed copies of the decision beside it: OSTEON_MUTANT says which one decides."""
    crate = folder / "access-core" / "src"
    text = (ROOT / FILE).read_text()
    start = text.index(FIRST)
    head = "\n".join(line for line in text[: text.index("/// Who asks")].splitlines() if not line.startswith("//!"))
    mutants = crate / "mutants"
    mutants.mkdir(exist_ok=True)
    arms = []
    for i, (number, _, turned) in enumerate(every):
        if i in leave:
            continue
        lines = text.splitlines(keepends=True)
        lines[number] = turned + "\n"
        changed = "".join(lines)
        body = changed[changed.index(FIRST) :]
        (mutants / f"m{i}.rs").write_text(f"{head}\nuse crate::decide::{{Decision, Viewer}};\n\n{body}")
        arms.append(i)
    modules = "\n".join(f"mod m{i};" for i in arms)
    calls = "\n".join(f"        {i} => m{i}::decide(now_ms, viewer, access, action)," for i in arms)
    (crate / "mutants.rs").write_text(MUTANTS.format(modules=modules, calls=calls))
    (crate / "decide.rs").write_text(text[:start] + DISPATCH + text[start:].replace("pub fn decide(", "fn itself(", 1))
    lib = (ROOT / "access-core" / "src" / "lib.rs").read_text()
    (crate / "lib.rs").write_text("#![allow(warnings)]\n" + lib.replace("mod matrix;", "mod matrix;\nmod mutants;", 1))


FILE = "access-core/src/decide.rs"
FIRST = "/// May this viewer do this now?"
MUTANTS = """use std::sync::OnceLock;
use crate::{{Access, Action, Decision, Viewer}};
{modules}
pub(crate) fn chosen() -> Option<u32> {{
    static CHOSEN: OnceLock<Option<u32>> = OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("OSTEON_MUTANT").ok().and_then(|n| n.parse().ok()))
}}
pub(crate) fn decide(n: u32, now_ms: i64, viewer: &Viewer, access: &Access, action: &Action<'_>) -> Decision {{
    match n {{
{calls}
        _ => panic!("no such mutant"),
    }}
}}
"""
DISPATCH = """
pub fn decide(now_ms: i64, viewer: &Viewer, access: &Access, action: &Action<'_>) -> Decision {
    match crate::mutants::chosen() {
        Some(n) => crate::mutants::decide(n, now_ms, viewer, access, action),
        None => itself(now_ms, viewer, access, action),
    }
}

"""


def leave(folder, names):
    """What is no source: what cargo makes (by its mark: a folder of contracts is called target, too), tools, a demo's data."""
    made = {name for name in names if (pathlib.Path(folder) / name / "CACHEDIR.TAG").exists()}
    return made | ({".git", ".tools", "node_modules", "run"} & set(names))


def build(folder, target):
    """The test programs; or the numbers of the changes that make no program."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_TERM_COLOR": "never"}
    command = ["cargo", "test", "-p", "osteon-access-core", "--tests", "--no-run", "--message-format=short"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        broken = {int(n) for n in re.findall(r"mutants/m(\d+)\.rs:\d+:\d+: error", done.stderr)}
        if not broken:
            sys.exit(done.stderr)
        return [], broken
    return re.findall(r"Executable .*\((.+)\)", done.stderr), set()


def notices(programs, folder, mutant):
    """The name of the first test program that fails."""
    # Enough to notice; make prove asks the laws themselves more.
    environment = {**os.environ, "OSTEON_CASES": "512", "PROPTEST_CASES": "512", "RUST_BACKTRACE": "0"}
    if mutant is not None:
        environment["OSTEON_MUTANT"] = str(mutant)
    for program in programs:
        path = pathlib.Path(program)
        path = path if path.is_absolute() else folder / path
        done = subprocess.run([path], cwd=folder / "access-core", env=environment, capture_output=True)
        if done.returncode != 0:
            return path.name.rsplit("-", 1)[0]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only say what would be turned")
    parser.add_argument("--target", help="the folder that cargo builds in")
    asked = parser.parse_args()
    every = list(mutants())
    if asked.list:
        for i, (number, line, turned) in enumerate(every):
            print(f"{i:3} {FILE}:{number + 1}\n    - {line.strip()}\n    + {turned.strip()}")
        return 0
    counts = {"noticed": 0, "no such program": 0, "equivalent": 0, "unnoticed": 0, "wrongly listed": 0}
    wrong = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "copy"
        shutil.copytree(ROOT, folder, ignore=leave)
        target = pathlib.Path(asked.target).resolve() if asked.target else pathlib.Path(temporary) / "target"
        broken, programs = set(), []
        while not programs:
            program(folder, every, broken)
            programs, more = build(folder, target)
            broken |= more
        failing = notices(programs, folder, None)
        if failing:
            sys.exit(f"{failing} fails without any change")
        for i, (number, line, turned) in enumerate(every):
            listed = (line.strip(), turned.strip()) in EQUIVALENT
            by = None if i in broken else notices(programs, folder, i)
            said = "no such program" if i in broken else "noticed" if by else "unnoticed"
            if listed:
                # What is listed must be true: a change that is noticed is no equivalent.
                said = {"unnoticed": "equivalent", "noticed": "wrongly listed"}.get(said, said)
            counts[said] += 1
            print(f"{i:3} {said:15} {by or '':12} {FILE}:{number + 1}: {turned.strip()}", flush=True)
            if said in ("unnoticed", "wrongly listed"):
                wrong.append(f"{said}: {FILE}:{number + 1}: {turned.strip()}")
    known = {(line.strip(), turned.strip()) for _, line, turned in every}
    wrong += [f"listed, and not there any more: {line}" for line, turned in EQUIVALENT if (line, turned) not in known]
    print(f"{len(every)} changes: {counts}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
