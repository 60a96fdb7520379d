//! The access policy of the product written a second time, in Cedar, and asked through Cedar's own authorizer. The policies
//! are in `policy.cedar`; what a circle's records say becomes policies here, one a row, in Cedar's own terms: who was
//! granted something is permitted, who was denied is forbidden, and a forbid always wins.
//!
//! Nothing of `decide()` is used: only the types of its questions, and how a label's number is read.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};
use osteon_access_core::{
    Action, ActivationRow, Audience, Categories, Category, Consent, GlassRow, GrantOf, GrantRow, Grantee, LabelId,
    LabelView, MemberRow, Part, Role, RoleSet, ThreadRow, Viewer,
};

const POLICY: &str = include_str!("../policy.cedar");

/// The records of a circle that say who may do what.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub members: Vec<MemberRow>,
    pub grants: Vec<GrantRow>,
    pub activations: Vec<ActivationRow>,
    pub threads: Vec<ThreadRow>,
    pub glass: Vec<GlassRow>,
}

fn member_name(viewer: &Viewer) -> String {
    format!("{}/{}", viewer.account, viewer.role.short())
}

fn whom(grantee: Grantee) -> String {
    match grantee {
        Grantee::Role(role) => format!("principal.role == \"{}\"", role.short()),
        Grantee::Member(account) => format!("principal.account == {account}"),
    }
}

fn about(of: GrantOf) -> String {
    match of {
        GrantOf::Category(category) => format!("Category::\"{}\"", category.number()),
        GrantOf::Proxy => "Category::\"PROXY\"".to_owned(),
    }
}

/// A window is half open; a bound that is not there is none.
fn window(from: Option<i64>, until: Option<i64>) -> String {
    let from = from.map(|from| format!(" && context.now >= {from}")).unwrap_or_default();
    from + &until.map(|until| format!(" && context.now < {until}")).unwrap_or_default()
}

/// What one grant says, as a policy.
fn grant_policy(grant: &GrantRow) -> String {
    let (whom, about) = (whom(grant.grantee), about(grant.of));
    match (grant.decision, grant.of) {
        (Consent::Unset, _) => String::new(),
        (Consent::Allow, GrantOf::Category(_)) => {
            // A caregiver's grant names its end.
            let ended = if grant.not_after_ms.is_some() { "" } else { " && principal.role != \"CG\"" };
            let window = window(grant.not_before_ms, grant.not_after_ms);
            format!("permit (principal, action == Action::\"opens\", resource == {about}) when {{ {whom}{ended}{window} }};\n")
        }
        (Consent::Allow, GrantOf::Proxy) => match grant.grantee {
            Grantee::Role(_) => String::new(),
            Grantee::Member(_) => {
                let window = window(grant.not_before_ms, grant.not_after_ms);
                format!(
                    "permit (principal, action == Action::\"speak\", resource == {about}) when {{ {whom} && principal.role == \"CG\"{window} }};\n"
                )
            }
        },
        (Consent::Deny, GrantOf::Proxy) => {
            format!("forbid (principal, action == Action::\"speak\", resource == {about}) when {{ {whom} }};\n")
        }
        // Nobody narrows the patient; a clinician keeps the safety minimum; broken glass opens what was denied.
        (Consent::Deny, GrantOf::Category(_)) => format!(
            "forbid (principal, action in [Action::\"read\", Action::\"look\", Action::\"suggest\", Action::\"summary\"], resource == {about})
             when {{ {whom} && principal.role != \"PT\" && !([\"DI\", \"PH\", \"ON\", \"NU\"].contains(principal.role) && resource == Category::\"21\") }}
             unless {{ action == Action::\"look\" && principal.glass && ![Category::\"15\", Category::\"20\"].contains(resource) }};\n"
        ),
    }
}

impl Rows {
    fn policies(&self) -> String {
        let mut text = String::from(POLICY);
        for row in &self.members {
            let effect = match row.membership {
                Consent::Unset => continue,
                Consent::Allow => "permit",
                Consent::Deny => "forbid",
            };
            let name = member_name(&Viewer { account: row.account, role: row.role });
            text += &format!("{effect} (principal == Member::\"{name}\", action == Action::\"belong\", resource);\n");
        }
        self.grants.iter().for_each(|grant| text += &grant_policy(grant));
        for row in &self.activations {
            text += &format!(
                "permit (principal, action == Action::\"activated\", resource) when {{ principal.account == {} && context.now >= {} }};\n",
                row.proxy, row.activated_ms
            );
        }
        for row in &self.glass {
            let name = member_name(&Viewer { account: row.account, role: row.role });
            let window = window(Some(row.from_ms), Some(row.until_ms));
            text += &format!(
                "permit (principal == Member::\"{name}\", action == Action::\"lookIn\", resource) when {{ true{window} }};\n"
            );
        }
        text
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    format!("{kind}::\"{id}\"").parse().expect("a name")
}

fn category(number: u8) -> EntityUid {
    uid("Category", &number.to_string())
}

fn set(of: impl IntoIterator<Item = EntityUid>) -> RestrictedExpression {
    RestrictedExpression::new_set(of.into_iter().map(RestrictedExpression::new_entity_uid))
}

fn bool(value: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(value)
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

/// A label as an entity; one that is not understood is told of as such.
struct Label {
    uid: EntityUid,
    categories: Vec<u8>,
    entity: Entity,
}

fn label(id: LabelId, at: usize) -> Label {
    let view = LabelView::parse(id);
    let categories = view.map_or(Categories::NONE, |view| view.categories);
    let categories: Vec<u8> = categories.iter().map(Category::number).collect();
    let (audience, whose) = match view.map(|view| view.audience) {
        None => ("nobody", 0),
        Some(Audience::All) => ("all", 0),
        Some(Audience::Author(whose)) => ("author", whose),
        Some(Audience::Thread(whose)) => ("thread", whose),
        Some(Audience::Member(whose)) => ("member", whose),
        Some(Audience::Summary) => ("summary", 0),
        Some(Audience::Unknown(whose)) => ("unknown", whose),
    };
    let uid = uid("Label", &at.to_string());
    let attributes = HashMap::from([
        ("valid".to_owned(), bool(view.is_some())),
        ("audience".to_owned(), text(audience)),
        ("whose".to_owned(), RestrictedExpression::new_long(i64::try_from(whose).unwrap_or(-1))),
        ("categories".to_owned(), set(categories.iter().map(|number| category(*number)))),
    ]);
    let entity = Entity::new(uid.clone(), attributes, HashSet::new()).expect("a label");
    Label { uid, categories, entity }
}

/// Cedar with the policies of one circle, for one viewer.
struct Asked<'a> {
    policies: &'a PolicySet,
    entities: Entities,
    principal: EntityUid,
}

impl Asked<'_> {
    fn allows(&self, action: &str, resource: &EntityUid, context: &[(&str, RestrictedExpression)]) -> bool {
        let context = context.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let context = Context::from_pairs(context).expect("a context");
        let action = uid("Action", action);
        let request = Request::new(self.principal.clone(), action, resource.clone(), context, None).expect("a request");
        let answer = Authorizer::new().is_authorized(&request, self.policies, &self.entities);
        let errors: Vec<String> = answer.diagnostics().errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "a policy that does not evaluate: {errors:?}");
        answer.decision() == Decision::Allow
    }
}

/// A circle whose policies were read once.
pub struct Circle {
    policies: PolicySet,
    threads: Vec<ThreadRow>,
}

impl Circle {
    pub fn new(rows: &Rows) -> Self {
        let policies = rows.policies().parse().unwrap_or_else(|error| panic!("the policies do not parse: {error:?}"));
        Self { policies, threads: rows.threads.clone() }
    }

    fn principal(&self, viewer: &Viewer, member: bool, glass: bool) -> Entity {
        let says = |row: &&ThreadRow, no: bool| {
            let meant = row.part == Part::Everybody || row.part == Part::Account(viewer.account);
            meant && if no { row.participation == Consent::Deny } else { row.participation == Consent::Allow }
        };
        let denied: Vec<u64> = self.threads.iter().filter(|row| says(row, true)).map(|row| row.thread).collect();
        let theirs = self.threads.iter().filter(|row| says(row, false) && !denied.contains(&row.thread));
        let long = |number: u64| RestrictedExpression::new_long(i64::try_from(number).expect("a small number"));
        let attributes = HashMap::from([
            ("account".to_owned(), long(viewer.account)),
            ("role".to_owned(), text(viewer.role.short())),
            ("threads".to_owned(), RestrictedExpression::new_set(theirs.map(|row| long(row.thread)))),
            ("member".to_owned(), bool(member)),
            ("glass".to_owned(), bool(glass)),
        ]);
        Entity::new(uid("Member", &member_name(viewer)), attributes, HashSet::new()).expect("a member")
    }

    /// What Cedar says.
    pub fn allows(&self, now_ms: i64, viewer: &Viewer, action: &Action<'_>) -> bool {
        let labels: Vec<Label> = labels_of(action).iter().enumerate().map(|(at, id)| label(*id, at)).collect();
        let ask = |member, glass| {
            let principal = self.principal(viewer, member, glass);
            let entities = labels.iter().map(|label| label.entity.clone()).chain([principal]);
            Asked {
                policies: &self.policies,
                entities: Entities::from_entities(entities, None).expect("entities"),
                principal: uid("Member", &member_name(viewer)),
            }
        };
        let now = [("now", RestrictedExpression::new_long(now_ms))];
        let (here, proxy) = (uid("Circle", "here"), uid("Category", "PROXY"));
        let first = ask(false, false);
        let (member, glass) = (first.allows("belong", &here, &now), first.allows("lookIn", &here, &now));
        let asked = ask(member, glass);
        let speaks = member && asked.allows("speak", &proxy, &now);
        let activated = asked.allows("activated", &proxy, &now);
        Step { asked, labels: &labels, now_ms, speaks, activated, account: viewer.account, role: viewer.role }
            .decide(action)
    }
}

fn labels_of(action: &Action<'_>) -> Vec<LabelId> {
    match *action {
        Action::ReadLabel(label)
        | Action::CreateRecord { label, .. }
        | Action::WriteField { label, .. }
        | Action::ProposeField { label, .. } => vec![label],
        Action::EndRecord { labels, .. } => labels.to_vec(),
        Action::ReadSummary(_) | Action::WriteGrant(_) => Vec::new(),
    }
}

/// The second and third step, once the member is known.
struct Step<'a> {
    asked: Asked<'a>,
    labels: &'a [Label],
    now_ms: i64,
    speaks: bool,
    activated: bool,
    account: u64,
    role: Role,
}

impl Step<'_> {
    fn about_member(&self) -> Vec<(&'static str, RestrictedExpression)> {
        let now = RestrictedExpression::new_long(self.now_ms);
        vec![("now", now), ("proxy", bool(self.speaks)), ("activated", bool(self.activated))]
    }

    /// Of these categories those that an action reaches.
    fn reached(&self, action: &str, categories: &[u8]) -> Vec<EntityUid> {
        let mut context = self.about_member();
        let opened = categories.iter().filter(|number| self.asked.allows("opens", &category(**number), &context));
        let opened = set(opened.map(|number| category(*number)));
        context.push(("opened", opened));
        let all = categories.iter().map(|number| category(*number));
        all.filter(|category| self.asked.allows(action, category, &context)).collect()
    }

    /// Of these categories those whose summary is read, where `whole` says which are read whole.
    fn summarised(&self, whole: &str, categories: &[u8]) -> RestrictedExpression {
        let read = categories.iter().copied().filter(|number| {
            let mut context = self.about_member();
            context.push(("look", bool(!self.reached(whole, &[*number]).is_empty())));
            context.push(("summary", bool(!self.reached("summary", &[*number]).is_empty())));
            self.asked.allows("ReadSummary", &category(*number), &context)
        });
        set(read.map(category))
    }

    /// The labels that an action on labels is allowed for; `category_action` says which categories count.
    fn labels(&self, action: &str, set_name: &'static str, category_action: &str) -> RestrictedExpression {
        let allowed = self.labels.iter().filter(|label| {
            let mut context = self.about_member();
            context.push(("named", bool(self.asked.allows("named", &label.uid, &context))));
            context.push((set_name, set(self.reached(category_action, &label.categories))));
            if action == "readLabel" {
                context.push(("summaries", self.summarised(category_action, &label.categories)));
            }
            self.asked.allows(action, &label.uid, &context)
        });
        set(allowed.map(|label| label.uid.clone()))
    }

    fn decide(&self, action: &Action<'_>) -> bool {
        let mut context = self.about_member();
        context.push(("labels", set(self.labels.iter().map(|label| label.uid.clone()))));
        let thing = uid("Thing", "it");
        let listed = |set: RoleSet| RestrictedExpression::new_set(set.iter().map(|role| text(role.short())));
        let whose = |own: Option<bool>| text(own.map_or("unknown", |own| if own { "yes" } else { "no" }));
        let readable = || self.labels("readLabel", "read", "read");
        let (name, resource) = match *action {
            Action::ReadLabel(_) => {
                context.push(("readable", self.labels("readLabel", "read", "look")));
                ("ReadLabel", thing)
            }
            Action::ReadSummary(of) => {
                for name in ["look", "summary"] {
                    context.push((name, bool(!self.reached(name, &[of.number()]).is_empty())));
                }
                ("ReadSummary", category(of.number()))
            }
            Action::CreateRecord { facts, .. } => {
                context.extend([
                    ("readable", readable()),
                    ("makeable", self.labels("makeIn", "make", "make")),
                    ("acted", self.labels("actIn", "act", "act")),
                    ("listed", listed(facts.creators)),
                    ("journal", bool(facts.journal)),
                    ("forProxy", bool(facts.proxy)),
                ]);
                ("CreateRecord", thing)
            }
            Action::WriteField { facts, own, .. } => {
                context.extend([
                    ("readable", readable()),
                    ("editable", self.labels("editIn", "edit", "edit")),
                    ("acted", self.labels("actIn", "act", "act")),
                    ("listed", listed(facts.writers)),
                    ("journal", bool(facts.journal)),
                    ("forProxy", bool(facts.proxy)),
                    ("own", whose(own)),
                ]);
                ("WriteField", thing)
            }
            Action::ProposeField { facts, .. } => {
                context.push(("suggestible", self.labels("suggestIn", "suggest", "suggest")));
                context.push(("listed", listed(facts.proposers)));
                ("ProposeField", thing)
            }
            Action::EndRecord { facts, own, .. } => {
                context.extend([
                    ("readable", readable()),
                    ("editable", self.labels("editIn", "edit", "edit")),
                    ("acted", self.labels("actIn", "act", "act")),
                    ("listed", listed(facts.creators)),
                    ("journal", bool(facts.journal)),
                    ("forProxy", bool(facts.proxy)),
                    ("own", whose(own)),
                ]);
                ("EndRecord", thing)
            }
            Action::WriteGrant(reference) => {
                let itself = match reference.grantee {
                    Grantee::Member(account) => account == self.account,
                    Grantee::Role(role) => role == self.role,
                };
                context.push(("itself", bool(itself)));
                let about: EntityUid = about(reference.of).parse().expect("a name");
                ("WriteGrant", about)
            }
        };
        self.asked.allows(name, &resource, &context)
    }
}
