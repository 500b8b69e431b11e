//! JSON in the one form that can be hashed: RFC 8785.
//!
//! Written here because it is short: `serde_json` escapes strings exactly as the RFC wants,
//! and finds the shortest digits of a number as ECMAScript does (`{:e}` does not: of two that
//! are equally near it takes the odd one). What remains is the order of keys and where the
//! decimal point goes.

use serde_json::{Number, Value};

/// A number that JSON can hold and a double can't, so programs would differ on its hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be represented exactly by every program; write it as text")]
pub struct Inexact(pub Number);

/// The largest whole number that no two doubles' neighbours share: 2^53 - 1.
const EXACT: u64 = (1 << 53) - 1;

/// The canonical form of a value.
///
/// # Errors
/// [`Inexact`] for whole numbers beyond ±(2^53 - 1).
pub fn canonical(value: &Value) -> Result<String, Inexact> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), Inexact> {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            // By UTF-16 code units, which is not the order of the characters.
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&map[key], out)?;
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Number(number) => out.push_str(&digits(number)?),
        other => out.push_str(&other.to_string()),
    }
    Ok(())
}

fn digits(number: &Number) -> Result<String, Inexact> {
    if let Some(whole) = number
        .as_u64()
        .or_else(|| number.as_i64().map(i64::unsigned_abs))
    {
        return if whole <= EXACT {
            Ok(number.to_string())
        } else {
            Err(Inexact(number.clone()))
        };
    }
    let value = number.as_f64().ok_or_else(|| Inexact(number.clone()))?;
    Ok(ecmascript(value))
}

/// `Number::toString` of ECMAScript.
fn ecmascript(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let text = Value::from(value.abs()).to_string();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    // Digits before the decimal point.
    let point = length(whole) - length(&all) + length(digits) + exponent;
    let digits = digits.trim_end_matches('0');
    let count = length(digits);
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap_or(0));
    let body = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (before, after) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{before}.{after}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let exponent = point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{sign}{}", exponent.unsigned_abs())
    };
    format!("{sign}{body}")
}

fn length(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> String {
        canonical(&serde_json::from_str(text).expect("JSON")).expect("canonical")
    }

    /// RFC 8785, appendix B.
    #[test]
    fn numbers_are_those_of_the_rfc() {
        for (bits, want) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            assert_eq!(ecmascript(f64::from_bits(bits)), want, "{bits:016x}");
        }
    }

    /// RFC 8785, 3.2.2 and 3.2.3.
    #[test]
    fn documents_are_those_of_the_rfc() {
        assert_eq!(
            of(r#"{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"#),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        assert_eq!(
            of(
                r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#
            ),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
             \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
             \"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn whole_numbers_are_exact_or_refused() {
        assert_eq!(
            of("[9007199254740991, -9007199254740991, 1.0]"),
            "[9007199254740991,-9007199254740991,1]"
        );
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            let refused = canonical(&value).expect_err("inexact");
            assert_eq!(refused.0.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_back_as_itself(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let back: f64 = ecmascript(value).parse().expect("a number");
            prop_assert_eq!(back.to_bits() << 1, value.to_bits() << 1);
        }
    }
}
