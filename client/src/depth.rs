//! How much of a circle this phone holds: usual for the role, or as its owner asks. Less than the right, never more.

use osteon_proto::sync;
use osteon_sync_core::device::Depth;

use crate::{
    error::{Error, Result},
    phone::Phone,
    state::Enrolled,
};

impl Phone {
    /// From the next pull on; `None`: what is usual for the role. What is beyond it is erased here, and sent again when it is
    /// asked for. What waits to be sent is sent all the same; drafts would be lost, so there must be none.
    pub async fn set_depth(&self, circle: u64, depth: Option<Depth>) -> Result<Depth> {
        let depth = self.change(|state| state.enrolled_mut()?.set_depth(circle, depth)).await?;
        self.wake.notify_waiters();
        Ok(depth)
    }

    /// A person opens a circle that this phone only lists: from now on it holds the plans, too. Where the person wants no
    /// more than the list, it stays so.
    pub async fn opened(&self, circle: u64) -> Result<()> {
        let deepen = |enrolled: &mut Enrolled| {
            let known =
                enrolled.enrolment.circles.iter().find(|known| known.circle == circle).ok_or(Error::NoCircle)?;
            let lists = known.depth == sync::Depth::Unspecified as i32 && known.depth() == Depth::List;
            if lists { enrolled.set_depth(circle, Some(Depth::Plan)).map(|_| true) } else { Ok(false) }
        };
        if self.change(|state| deepen(state.enrolled_mut()?)).await? {
            self.wake.notify_waiters();
        }
        Ok(())
    }
}

impl Enrolled {
    fn set_depth(&mut self, circle: u64, depth: Option<Depth>) -> Result<Depth> {
        let known = self.enrolment.circles.iter_mut().find(|known| known.circle == circle).ok_or(Error::NoCircle)?;
        let mut wanted = known.clone();
        wanted.depth = match depth {
            None => sync::Depth::Unspecified,
            Some(Depth::Full) => sync::Depth::Full,
            Some(Depth::Plan) => sync::Depth::Plan,
            Some(Depth::List) => sync::Depth::List,
        }
        .into();
        let drafts = self.device.circle(circle).map_or(0, |circle| circle.drafts().len());
        if drafts > 0 && wanted.depth() < known.depth() {
            return Err(Error::DraftsWait);
        }
        *known = wanted;
        let depth = known.depth();
        self.device.set_depth(circle, depth);
        Ok(depth)
    }
}
