//! A timeline as lines, as a table, and as pictures: Mermaid for GitHub, SVG for pages.

use jiff::Timestamp;

use crate::model::investigation::{Timeline, TimelineEntry, TimelineSource};
use crate::text::escape;
use crate::text::phrases;
use crate::text::times;
use crate::text::{Untrusted, numbers};

/// The entries of a picture.
const DRAWN: usize = 40;
/// The characters of a label in a picture.
const LABEL: usize = 60;
/// Units of a row and of the lane of times.
const ROW: usize = 26;
const LEFT: usize = 170;
/// The width of the picture.
const WIDTH: usize = 900;

/// The time of an entry: `13:58`, `13:58–14:03`, `13:58 ± 5 min`.
pub(crate) fn time(entry: &TimelineEntry, offset: i32) -> String {
    let clock = |at: Timestamp| {
        let text = times::exact(at, offset);
        text.get(..16).unwrap_or(&text).to_owned()
    };
    let mut text = clock(entry.at);
    if let Some(until) = entry.until {
        let end = clock(until);
        let same_day = end.get(..10) == text.get(..10);
        let end = if same_day {
            end.get(11..).unwrap_or(&end)
        } else {
            &end
        };
        text += &format!("–{end}");
    }
    if entry.uncertain_seconds > 60 {
        let span = times::span(i64::try_from(entry.uncertain_seconds).unwrap_or(i64::MAX));
        text += &format!(" ± {span}");
    }
    text
}

/// What happened, with what it is about and how often.
pub(crate) fn event(entry: &TimelineEntry) -> Untrusted {
    let mut text = String::new();
    if let Some(resource) = &entry.resource {
        text += &format!("{}: ", resource.raw());
    }
    text += entry.event.raw();
    if entry.count > 1 {
        text += &format!(" ({} times)", numbers::number(entry.count as f64));
    }
    Untrusted::new(text)
}

/// What was left out, in a sentence.
pub(crate) fn left_out(timeline: &Timeline) -> Option<String> {
    how_many_left_out(timeline.left_out)
}

/// The same by the number of entries.
pub(crate) fn how_many_left_out(entries: u64) -> Option<String> {
    (entries > 0).then(|| {
        let count = phrases::counted_as(entries, "entry", "entries");
        format!("{count} left out, the least telling first")
    })
}

/// A timeline of Mermaid, between the marks that GitHub draws it by. Labels hold letters, digits
/// and little else, because Mermaid reads the rest as its own.
pub(crate) fn mermaid(timeline: &Timeline) -> String {
    let mut out = String::from("```mermaid\ntimeline\n");
    let mut day = String::new();
    let mut minute = String::new();
    for entry in timeline.entries.iter().take(DRAWN) {
        let text = times::exact(entry.at, 0);
        let (date, clock) = text.split_once(' ').unwrap_or((&text, ""));
        if date != day {
            out.push_str(&format!("    section {date}\n"));
            day = date.to_owned();
            minute.clear();
        }
        // A colon ends the period of Mermaid.
        let now = clock.get(..5).unwrap_or(clock).replace(':', ".");
        let label = label(entry);
        if now == minute {
            out.push_str(&format!("           : {label}\n"));
        } else {
            out.push_str(&format!("      {now} : {label}\n"));
            minute = now;
        }
    }
    out.push_str("```\n");
    out
}

fn label(entry: &TimelineEntry) -> String {
    let text = event(entry);
    let clean = text.redacted();
    let kept: String = clean
        .chars()
        .map(|letter| match letter {
            letter if letter.is_alphanumeric() => letter,
            '.' | ',' | '-' | '_' | '/' | '+' | '(' | ')' => letter,
            _ => ' ',
        })
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let text = words.join(" ");
    let short = match text.char_indices().nth(LABEL) {
        None => text,
        Some((end, _)) => {
            let cut = &text[..end];
            let whole = cut.rsplit_once(' ').map_or(cut, |(whole, _)| whole);
            format!("{whole} ...")
        }
    };
    format!("{}, {short}", entry.source.title())
}

/// A picture: one row for each entry, at its place in time.
pub(crate) fn svg(timeline: &Timeline, offset: i32) -> String {
    let entries: Vec<&TimelineEntry> = timeline.entries.iter().take(DRAWN).collect();
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return String::new();
    };
    let start = first.at.as_second();
    let end = entries
        .iter()
        .map(|entry| entry.until.unwrap_or(entry.at).as_second())
        .max()
        .unwrap_or(last.at.as_second());
    let lane = (WIDTH - LEFT) / 3;
    let place =
        |at: i64| LEFT + ((at - start) as f64 / (end - start).max(1) as f64 * lane as f64) as usize;
    let height = entries.len() * ROW + 10;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Timeline from {} to {}</title>\n",
        escape::html(&time(first, offset)),
        escape::html(&time(last, offset)),
    );
    for (row, entry) in entries.iter().enumerate() {
        let y = row * ROW + 18;
        let x = place(entry.at.as_second());
        let until = place(entry.until.unwrap_or(entry.at).as_second());
        let color = color(entry.source);
        out.push_str(&format!(
            "<text x=\"4\" y=\"{y}\" fill=\"#57606a\">{}</text>\n",
            escape::html(&time(entry, offset))
        ));
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"9\" rx=\"4\" fill=\"{color}\"/>\n",
            y - 9,
            (until - x).max(9)
        ));
        let text = escape::cut(event(entry).raw(), 2 * LABEL);
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{y}\" fill=\"#1f2328\"><tspan font-weight=\"bold\">{}</tspan> {}</text>\n",
            LEFT + lane + 20,
            entry.source.title(),
            escape::html(&text)
        ));
    }
    out.push_str("</svg>\n");
    out
}

/// A colour of each source; the words beside it say the same.
fn color(source: TimelineSource) -> &'static str {
    match source {
        TimelineSource::Deployment | TimelineSource::Commit => "#0969da",
        TimelineSource::Cloudtrail | TimelineSource::Remediation => "#8250df",
        TimelineSource::Metric => "#bf8700",
        TimelineSource::Log => "#57606a",
        TimelineSource::Alarm | TimelineSource::Health | TimelineSource::Issue => "#cf222e",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(event: &str) -> Timeline {
        Timeline {
            entries: vec![TimelineEntry {
                at: Timestamp::from_second(1_795_960_980).expect("in range"),
                until: Timestamp::from_second(1_795_961_280).ok(),
                uncertain_seconds: 300,
                source: TimelineSource::Metric,
                resource: Some(Untrusted::from("orders-api")),
                event: Untrusted::from(event),
                count: 3,
                reference: None,
            }],
            left_out: 1,
        }
    }

    #[test]
    fn times_say_how_exact_they_are() {
        let line = timeline("errors unusual");
        let entry = &line.entries[0];
        assert_eq!(time(entry, 0), "2026-11-29 14:03–14:08 ± 5 min");
        assert_eq!(time(entry, 7_200), "2026-11-29 16:03–16:08 ± 5 min");
        assert_eq!(event(entry).raw(), "orders-api: errors unusual (3 times)");
        assert_eq!(
            left_out(&line).as_deref(),
            Some("1 entry left out, the least telling first")
        );
    }

    #[test]
    fn nothing_of_a_label_is_read_as_the_picture() {
        let hostile = "x\n```\nsection : </svg><script>alert(1)</script> password=hunter2-hunter2";
        let line = timeline(hostile);
        let drawn = mermaid(&line);
        assert_eq!(drawn.matches("```").count(), 2, "{drawn}");
        assert_eq!(
            drawn
                .lines()
                .filter(|line| line.contains("section"))
                .count(),
            2
        );
        let picture = svg(&line, 0);
        assert_eq!(picture.matches("</svg>").count(), 1, "{picture}");
        assert!(!picture.contains("<script"), "{picture}");
        for text in [&drawn, &picture] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn nothing_has_no_picture() {
        assert_eq!(svg(&Timeline::default(), 0), "");
    }
}
