#pragma once

#include <string_view>

namespace cinescribe::bench {

/// Readable in light and dark, on a phone and on paper, without anything from elsewhere. --s1 to --s8 are the colours
/// of series: eight hues that people with any kind of colour sight tell apart, with enough contrast on either ground.
inline constexpr std::string_view kPageStyle = R"(
:root { color-scheme: light dark; --text: #1c1c1e; --soft: #66666d; --page: #f6f6f3; --card: #fff; --line: #e2e2dd; --mark: #b3261e; --shade: rgba(28, 28, 30, .16);
  --s1: #2f6db5; --s2: #d9822b; --s3: #2e8b6f; --s4: #a8456b; --s5: #7a64b8; --s6: #7d7a1d; --s7: #3a9ab8; --s8: #8a6247;
  --good: #1e6b45; --good-ground: #e0f2e8; --doubt: #8a4b00; --doubt-ground: #fdeed8; --bad: #a3201a; --bad-ground: #fde4e1; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececee; --soft: #a0a0a8; --page: #151618; --card: #1f2023; --line: #34353a; --mark: #ff8a80; --shade: rgba(0, 0, 0, .55);
    --s1: #74aef0; --s2: #f0a860; --s3: #62c3a3; --s4: #e088ac; --s5: #b3a0ee; --s6: #c2be5a; --s7: #7cc9e2; --s8: #c9a283;
    --good: #7fd6a8; --good-ground: #173526; --doubt: #ffc27a; --doubt-ground: #3d2a10; --bad: #ffa49c; --bad-ground: #451d1a; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
p { margin: .5rem 0; max-width: 48rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .35rem; margin: 1rem 0 1.25rem; }
nav a { padding: .15rem .7rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); color: var(--text);
  font-size: .8125rem; text-decoration: none; }
nav a:hover, nav a:focus-visible { border-color: var(--s1); color: var(--s1); }
section { margin-bottom: 1.25rem; padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .9rem;
  break-inside: avoid; scroll-margin-top: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: .5rem 0 1rem; }
.tile { padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--page); }
.tile strong { display: block; font-size: 1.45rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .8125rem; }
/* What can be scrolled sideways shows a shadow on the side where there is more. */
.wide { overflow-x: auto; background: linear-gradient(to right, var(--card) 30%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--card) 30%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) 0 0 / .8rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) 100% 0 / .8rem 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .875rem; }
th { text-align: left; color: var(--soft); font-weight: 550; font-size: .78rem; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: bottom; }
td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 10rem; }
td.number small { white-space: nowrap; }
td.long:last-child { min-width: 16rem; }
small { color: var(--soft); font-size: .92em; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover td { background: var(--page); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: normal; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: .8rem; font-size: .8125rem; font-weight: 550; }
.good { color: var(--good); background: var(--good-ground); }
.doubt { color: var(--doubt); background: var(--doubt-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
figure { margin: 1rem 0 1.25rem; }
figcaption { font-weight: 550; margin-bottom: .4rem; }
figure svg { display: block; width: 100%; min-width: 40rem; height: auto; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg text.soft { fill: var(--soft); font-size: 11.5px; }
svg text.mark { fill: var(--mark); font-size: 11.5px; }
svg text.strong { font-weight: 600; }
svg text.figure { font-variant-numeric: tabular-nums; font-weight: 550; }
svg .dashed { stroke-dasharray: 4 4; }
svg .doubtful { fill-opacity: .5; }
svg .veil { fill-opacity: .62; }
svg .area { fill-opacity: .16; }
svg .curve { stroke-width: 2; stroke-linejoin: round; }
svg circle { fill-opacity: .7; }
svg rect:hover, svg circle:hover { filter: brightness(1.15); }
.legend { font-size: .8125rem; }
.key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .75rem; height: .75rem; margin-right: .35rem; border-radius: .2rem; vertical-align: -.08rem; }
ul { margin: .5rem 0; padding-left: 1.2rem; max-width: 52rem; }
li { margin: .2rem 0; overflow-wrap: anywhere; }
summary { cursor: pointer; }
summary h2 { display: inline; }
details[open] summary { margin-bottom: .75rem; }
@media (max-width: 40rem) { section { padding: 1rem; } header { padding-top: 1.25rem; } }
@media print { nav { display: none; } body { background: #fff; } section { border: 0; padding: 0; } }
)";

}  // namespace cinescribe::bench
