//! Blocks of addresses, and whether some of them are all there are.

use ::core::net::IpAddr;

/// Family, first and last address of a block. IPv4 addresses are the numbers below 2^32.
pub type AddressBlock = (Family, u128, u128);

/// Parses a block (`10.0.0.0/8`, `::/0`, or one address).
pub fn parse_cidr(text: &str) -> Option<AddressBlock> {
    let (address, length) = match text.trim().split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
        None => (text.trim(), None),
    };
    let (family, bits, number) = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) => (Family::V4, 32, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => (Family::V6, 128, u128::from(v6)),
    };
    let length = length.unwrap_or(bits);
    let host_bits = bits.checked_sub(length)?;
    let hosts = match host_bits {
        128 => u128::MAX,
        _ => (1_u128 << host_bits) - 1,
    };
    let first = number & !hosts;
    Some((family, first, first | hosts))
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Whether blocks together are every address of a family; returns the family.
pub fn covers_everything(blocks: &[AddressBlock]) -> Option<Family> {
    [(Family::V4, u128::from(u32::MAX)), (Family::V6, u128::MAX)]
        .into_iter()
        .find(|(family, last)| {
            let mut spans: Vec<(u128, u128)> = blocks
                .iter()
                .filter(|(of, _, _)| of == family)
                .map(|(_, first, last)| (*first, *last))
                .collect();
            spans.sort_unstable();
            // The first address that no span has reached yet; `None` behind the last one.
            let mut next = Some(0_u128);
            for (from, to) in spans {
                match next {
                    Some(open) if from <= open => {
                        next = Some(open.max(to)).and_then(|at| at.checked_add(1))
                    }
                    _ => break,
                }
            }
            next.is_none_or(|open| open > *last)
        })
        .map(|(family, _)| family)
}
