using System.Xml.Linq;

namespace Reclaim.Client.Reports.Html;

/// <summary>One self-contained page of HTML: no script, no other file, light and dark, and fit to be printed.</summary>
internal static class Page
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2128; --dim: #667; --paper: #fff; --rule: #d8dce2;
          --c0: #2563a8; --c1: #c2571a; --c2: #2f8f5b; --c3: #8a4fb0; --c4: #b5972a; --c5: #2b98a6; --c6: #b23a5c; --c7: #6b7280; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e3e7ec; --dim: #9aa3ad; --paper: #14181d; --rule: #333a43;
          --c0: #6aa5e8; --c1: #ef9055; --c2: #62c48f; --c3: #c08be3; --c4: #dcc162; --c5: #63c7d4; --c6: #e67895; --c7: #a0a8b3; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin: 0 0 .2rem } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; border-top: 1px solid var(--rule); padding-top: 1rem }
        h3 { font-size: 1rem; margin: 1.4rem 0 .4rem } p.note, figcaption, caption { color: var(--dim) } caption { text-align: left }
        code, pre { font-family: ui-monospace, monospace; font-size: .88rem } pre { overflow-x: auto; padding: .6rem .8rem; border: 1px solid var(--rule); border-radius: 4px }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0 } .wide { overflow-x: auto }
        th, td { padding: .15rem .8rem .15rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule) } th { font-weight: 600 }
        th.text, td.text { text-align: left } td.heat { padding: .15rem .6rem }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: .6rem 1.2rem } figure { margin: 0; break-inside: avoid }
        svg { width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif; fill: var(--dim) } .grid { stroke: var(--rule) }
        .curve { fill: none; stroke-width: 1.5 } .area { stroke: none }
        .key span { margin-left: .9rem; white-space: nowrap; display: inline-block } .key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; border-radius: 2px; vertical-align: -1px }
        .curve.c0 { stroke: var(--c0) } .curve.c1 { stroke: var(--c1) } .curve.c2 { stroke: var(--c2) } .curve.c3 { stroke: var(--c3) }
        .curve.c4 { stroke: var(--c4) } .curve.c5 { stroke: var(--c5) } .curve.c6 { stroke: var(--c6) } .curve.c7 { stroke: var(--c7) }
        .area.c0 { fill: var(--c0) } .area.c1 { fill: var(--c1) } .area.c2 { fill: var(--c2) } .area.c3 { fill: var(--c3) }
        i.c0 { background: var(--c0) } i.c1 { background: var(--c1) } i.c2 { background: var(--c2) } i.c3 { background: var(--c3) }
        i.c4 { background: var(--c4) } i.c5 { background: var(--c5) } i.c6 { background: var(--c6) } i.c7 { background: var(--c7) }
        .band { fill-opacity: .18; stroke: none } .mark { stroke: var(--dim); stroke-dasharray: 4 3 } svg.heat text.ink { fill: var(--ink) } .cell { print-color-adjust: exact }
        .band.c0, .dot.c0, .cell.c0 { fill: var(--c0) } .band.c1, .dot.c1 { fill: var(--c1) } .band.c2, .dot.c2 { fill: var(--c2) } .band.c3, .dot.c3 { fill: var(--c3) }
        .band.c4, .dot.c4 { fill: var(--c4) } .band.c5, .dot.c5 { fill: var(--c5) } .band.c6, .dot.c6 { fill: var(--c6) } .band.c7, .dot.c7 { fill: var(--c7) }
        @media print { body { margin: 0; max-width: none } h2 { break-after: avoid } }
        """;

    /// <param name="title">What the page is about.</param>
    /// <param name="content">Its elements.</param>
    public static string Of(string title, IEnumerable<object?> content)
    {
        var html = new XElement("html",
            new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", title),
                new XElement("style", new XText(Style))),
            new XElement("body", content));

        // An empty element that is not void must have an end tag in HTML.
        foreach (var element in html.DescendantsAndSelf().Where(element => element is { IsEmpty: true, Name.LocalName: not ("meta" or "br" or "line" or "polyline" or "polygon" or "rect") }))
        {
            element.Add("");
        }

        return "<!DOCTYPE html>\n" + html.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    /// <summary>A table; the first columns are text.</summary>
    public static XElement Table(int left, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<object>> rows) => new(
        "div", new XAttribute("class", "wide"), new XElement(
            "table",
            new XElement("thead", new XElement("tr", headers.Select((header, i) => new XElement("th", Class(i < left), header)))),
            new XElement("tbody", rows.Select(row => new XElement("tr", row.Select((cell, i) => cell is XElement element ? element : new XElement("td", Class(i < left), cell)))))));

    private static XAttribute? Class(bool text) => text ? new XAttribute("class", "text") : null;
}
