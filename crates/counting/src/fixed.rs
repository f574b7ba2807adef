//! Exact arithmetic on whole numbers and on decimals of a fixed length, which are whole numbers of their last place.

use crate::CountRefused;

/// The largest number of decimals any method offers.
pub const MOST_DECIMALS: u8 = 20;

/// 10 to the power of `decimals`: what one vote is, counted in units of the last place.
pub(crate) fn one(decimals: u8) -> Result<u128, CountRefused> {
    10_u128.checked_pow(u32::from(decimals)).ok_or(CountRefused::NumberTooLarge)
}

pub(crate) fn add(a: u128, b: u128) -> Result<u128, CountRefused> {
    a.checked_add(b).ok_or(CountRefused::NumberTooLarge)
}

/// A negative difference is as impossible as a number that is too large: votes are never fewer than none.
pub(crate) fn sub(a: u128, b: u128) -> Result<u128, CountRefused> {
    a.checked_sub(b).ok_or(CountRefused::NumberTooLarge)
}

pub(crate) fn mul(a: u128, b: u128) -> Result<u128, CountRefused> {
    a.checked_mul(b).ok_or(CountRefused::NumberTooLarge)
}

/// a / b, truncated.
pub(crate) fn div(a: u128, b: u128) -> Result<u128, CountRefused> {
    a.checked_div(b).ok_or(CountRefused::NumberTooLarge)
}

/// a / b, rounded up.
pub(crate) fn div_up(a: u128, b: u128) -> Result<u128, CountRefused> {
    if b == 0 { Err(CountRefused::NumberTooLarge) } else { Ok(a.div_ceil(b)) }
}

/// a x b / c, truncated once, with a product of up to 256 bits.
pub(crate) fn mul_div(a: u128, b: u128, c: u128) -> Result<u128, CountRefused> {
    if let Some(product) = a.checked_mul(b) {
        return div(product, c);
    }
    let (high, low) = wide_product(a, b);
    divide_wide(high, low, c).ok_or(CountRefused::NumberTooLarge)
}

const HALF: u128 = u64::MAX as u128;

/// Long multiplication of halves: no partial sum can run over, since (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let low = a_low.wrapping_mul(b_low);
    let first = a_high.wrapping_mul(b_low).wrapping_add(low >> 64);
    let second = a_low.wrapping_mul(b_high).wrapping_add(first & HALF);
    let high = a_high.wrapping_mul(b_high).wrapping_add(first >> 64).wrapping_add(second >> 64);
    (high, (second << 64) | (low & HALF))
}

/// Long division, one binary digit after the other. `None` if the quotient has more than 128 digits, or at a division by 0.
fn divide_wide(high: u128, low: u128, divisor: u128) -> Option<u128> {
    if high >= divisor {
        return None;
    }
    let (mut rest, mut quotient) = (high, 0_u128);
    for place in (0..128_u32).rev() {
        let carries = rest >> 127 == 1;
        rest = (rest << 1) | ((low >> place) & 1);
        quotient <<= 1;
        if carries || rest >= divisor {
            rest = rest.wrapping_sub(divisor);
            quotient |= 1;
        }
    }
    Some(quotient)
}

/// The number as people write it: `3.28571` for 328571 with five decimals.
pub(crate) fn text(raw: u128, decimals: u8) -> String {
    let Ok(one) = one(decimals) else { return raw.to_string() };
    let (whole, part) = (raw.checked_div(one).unwrap_or(raw), raw.checked_rem(one).unwrap_or(0));
    if decimals == 0 { whole.to_string() } else { format!("{whole}.{part:0>width$}", width = usize::from(decimals)) }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_with_all_their_decimals() {
        assert_eq!(text(328_571, 5), "3.28571");
        assert_eq!(text(7, 5), "0.00007");
        assert_eq!(text(42, 0), "42");
        assert_eq!(text(45, 1), "4.5");
    }

    proptest! {
        #[test]
        fn a_wide_product_divides_as_big_numbers_do(a: u128, b: u128, c in 1..=u128::MAX) {
            let exact = BigUint::from(a) * BigUint::from(b) / BigUint::from(c);
            prop_assert_eq!(mul_div(a, b, c).ok(), u128::try_from(exact).ok());
        }

        #[test]
        fn narrow_products_too(a: u64, b: u64, c in 1..=u64::MAX) {
            let exact = u128::from(a) * u128::from(b) / u128::from(c);
            prop_assert_eq!(mul_div(a.into(), b.into(), c.into()).ok(), Some(exact));
        }
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert!(mul_div(1, 1, 0).is_err() && div(1, 0).is_err() && div_up(1, 0).is_err());
        assert!(mul_div(u128::MAX, u128::MAX, 0).is_err());
    }
}
