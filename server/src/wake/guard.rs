//! Which addresses wake-ups go to: https, hosts that the operator names, and never a machine of the own network.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

/// This machine, for a stand-in of a demo.
const STAND_IN: &str = "localhost";

/// Hosts that an operator allows. An entry that begins with a dot stands for every host that ends with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// `None`: an entry is no name of a host.
    pub fn parse(entries: &[String]) -> Option<Self> {
        let entry = |text: &String| {
            let text = text.trim().to_ascii_lowercase();
            let name = text.strip_prefix('.').unwrap_or(&text);
            let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
            let is_name = letters && !name.is_empty() && name.parse::<IpAddr>().is_err();
            is_name.then_some(text)
        };
        entries.iter().map(entry).collect::<Option<_>>().map(Self)
    }

    pub fn entries(&self) -> &[String] {
        &self.0
    }

    pub fn has_stand_in(&self) -> bool {
        self.0.iter().any(|host| host == STAND_IN)
    }

    /// Whether a wake-up may go to this URL: https, one of the hosts, by its name, without a user.
    pub fn allow(&self, url: &str) -> bool {
        let Ok(url) = url::Url::parse(url) else { return false };
        let Some(url::Host::Domain(host)) = url.host() else { return false };
        let host = host.to_ascii_lowercase();
        let named = |entry: &String| match entry.strip_prefix('.') {
            Some(_) => host.ends_with(entry.as_str()),
            None => host == *entry,
        };
        url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && self.0.iter().any(named)
    }
}

/// Resolves names to addresses of the public network, and to no other: what a name stands for is looked at on each connection.
#[derive(Clone)]
pub struct Public {
    inner: GaiResolver,
    stand_in: bool,
}

impl Public {
    pub fn new(hosts: &Hosts) -> Self {
        Self { inner: GaiResolver::new(), stand_in: hosts.has_stand_in() }
    }
}

impl Service<Name> for Public {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Service::poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let stand_in = self.stand_in && name.as_str() == STAND_IN;
        let found = self.inner.call(name);
        Box::pin(async move {
            let found = found.await?.filter(|address| {
                let ip = address.ip();
                if stand_in { ip.is_loopback() } else { is_public(ip) }
            });
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "no public address"));
            }
            Ok(found.into_iter())
        })
    }
}

/// Whether an address is one of the public network (the registries of special addresses, RFC 6890).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_public_4(ip),
            None => is_public_6(ip),
        },
    }
}

fn is_public_4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

/// Of 2000::/3, but for what carries an IPv4 address (6to4, Teredo) and documentation.
fn is_public_6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let carries = first == 0x2002 || (first, second) == (0x2001, 0);
    let documentation = (first, second) == (0x2001, 0x0db8) || (first & 0xfff0 == 0x3ff0);
    first & 0xe000 == 0x2000 && !carries && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_named_and_https() {
        let hosts = Hosts::parse(&["push.example.org".into(), ".services.example".into()]).expect("hosts");
        for good in ["https://push.example.org/a?b", "https://x.services.example:8443/", "https://PUSH.example.org/"] {
            assert!(hosts.allow(good), "{good}");
        }
        for bad in [
            "http://push.example.org/a",
            "https://example.org/",
            "https://services.example/",
            "https://evilservices.example/",
            "https://push.example.org.evil.test/",
            "https://user@push.example.org/",
            "https://push.example.org/#a",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "file:///etc/passwd",
            "push.example.org",
            "",
        ] {
            assert!(!hosts.allow(bad), "{bad}");
        }
        assert_eq!(Hosts::parse(&["127.0.0.1".into()]), None);
        assert_eq!(Hosts::parse(&["a/b".into()]), None);
        assert!(!Hosts::default().allow("https://push.example.org/"), "off");
    }

    #[test]
    fn no_address_of_the_own_network_is_public() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:0:1::",
            "2001:db8::1",
        ];
        for ip in inside {
            assert!(!is_public(ip.parse().expect("an address")), "{ip}");
        }
        for ip in ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::1"] {
            assert!(is_public(ip.parse().expect("an address")), "{ip}");
        }
    }
}
