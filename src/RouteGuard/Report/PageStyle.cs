namespace RouteGuard.Report;

/// <summary>How a report looks: light and dark as the reader has it, narrow and wide, and on paper.</summary>
internal static class PageStyle
{
    private const string Light =
        "--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--page:#fff;--box:#f6f8fa;--good:#1a7f37;--bad:#b3202a;"
        + "--warn:#8a5a00;--baseline:#9fd3ab;--session:#a5c8f2;--foreign:#f3cf8e;--beside:#c9d6e4;--held:#cdb7ee;"
        + "--none:#f4a9a7;"
        + "--mixed:#e9e08a;--unknown:#eaeef2;--hatch:#6e7781;--plate:#ffffffd9";

    private const string Dark =
        "--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--page:#0d1117;--box:#161b22;--good:#4ac26b;--bad:#ff7b72;"
        + "--warn:#d9a13b;--baseline:#1f6f3a;--session:#1f5796;--foreign:#8a5d12;--beside:#46566a;--held:#5b3f92;"
        + "--none:#8f2b2f;"
        + "--mixed:#77701c;--unknown:#21262d;--hatch:#8b949e;--plate:#0d1117cc";

    public const string Text =
        ":root{color-scheme:light dark;"
        + Light
        + "}@media(prefers-color-scheme:dark){:root{"
        + Dark
        + "}}"
        + """

            *{box-sizing:border-box}
            html{-webkit-text-size-adjust:100%}
            body{margin:0 auto;max-width:78rem;padding:1.5rem 1rem 4rem;
            font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;
            color:var(--ink);background:var(--page);overflow-wrap:anywhere}
            h1{font-size:1.5rem;line-height:1.25;margin:0}h2{font-size:1.15rem;margin:2.5rem 0 .75rem;
            padding-bottom:.3rem;
            border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.25rem 0 .5rem}
            p{margin:.4rem 0}.soft{color:var(--soft)}.small{font-size:.875rem}
            code,.mono,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem}
            .summary{border:1px solid var(--line);border-left:6px solid var(--good);border-radius:8px;
            background:var(--box);
            padding:1rem 1.25rem;margin:1.25rem 0}.summary.problem{border-left-color:var(--bad)}
            .summary.note{border-left-color:var(--warn)}.summary h2{border:0;margin:0 0 .5rem;padding:0;
            font-size:1.25rem}
            dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.35rem 1.25rem;margin:0}
            dt{color:var(--soft);font-size:.875rem;line-height:1.8}dd{margin:0}
            .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem}
            .columns>div{min-width:0}.list{background:var(--box);border:1px solid var(--line);border-radius:8px;
            padding:.5rem 0;
            margin:0;list-style:none}.list li{padding:.12rem .75rem .12rem 2rem;text-indent:-1.25rem}
            .sign{display:inline-block;width:1.25rem;text-indent:0;font-weight:700}
            .add{color:var(--good)}.del{color:var(--bad)}.del .route{text-decoration:line-through;
            text-decoration-thickness:1px}
            .scroll{overflow-x:auto;margin:.75rem 0}
            table{border-collapse:collapse;width:100%;font-size:.875rem}caption{text-align:left;color:var(--soft);
            padding:.25rem 0}
            th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
            th{color:var(--soft);font-weight:600}td{min-width:3.5rem}td:last-child,th:last-child{padding-right:0}
            .nowrap{white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
            .tag{display:inline-block;border:1px solid currentColor;border-radius:99px;padding:0 .5rem;
            font-size:.75rem;line-height:1.5}
            pre{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:.75rem;margin:.75rem 0;
            white-space:pre-wrap;line-height:1.5}
            figure{margin:1rem 0}figcaption{color:var(--soft);font-size:.875rem;margin-bottom:.35rem}
            svg{display:block;width:100%;height:auto;background:var(--box);border:1px solid var(--line);
            border-radius:8px}
            svg text{fill:var(--ink);font:11px system-ui,-apple-system,"Segoe UI",sans-serif}
            svg .lane{font-weight:600}svg .tick,svg .leaked{fill:var(--soft)}svg .leaked{fill:var(--bad);
            font-weight:600}
            svg .in,svg .no{text-anchor:middle}svg .no{font-size:10px;font-weight:700;fill:var(--page)}
            .p{stroke:var(--page);stroke-width:.5}.baseline{fill:var(--baseline)}.session{fill:var(--session)}
            .foreign{fill:var(--foreign)}.beside{fill:var(--beside)}.held,.refused{fill:var(--held)}
            .none{fill:var(--none)}.mixed{fill:var(--mixed)}
            .unknown{fill:var(--unknown)}.plate{fill:var(--plate)}
            .hatch-unknown,.hatch-foreign,.hatch-beside,.hatch-held,.hatch-none{stroke:var(--hatch);stroke-width:1;
            fill:none;opacity:.65}
            .leak{fill:var(--bad);fill-opacity:.28;stroke:var(--bad);stroke-dasharray:3 2}
            .life{fill:var(--line)}.life.open{stroke:var(--good);stroke-width:1.5}
            .drop{stroke:var(--hatch);stroke-dasharray:2 3}.axis{stroke:var(--ink)}.grid{stroke:var(--line)}
            .mark{fill:var(--soft)}.mark.bad{fill:var(--bad)}.mark.warn{fill:var(--warn)}.mark.good{fill:var(--good)}
            .frame{fill:none;stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 3;rx:4px}
            .legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:.5rem 0;padding:0;list-style:none;
            font-size:.8125rem}
            .legend svg{display:inline-block;width:22px;height:12px;vertical-align:-1px;margin-right:.4rem;
            border-radius:3px}
            .narrow{display:none}
            @media(max-width:46rem){.wide{display:none}.narrow{display:block}dl{grid-template-columns:1fr;gap:0}
            dd{margin-bottom:.6rem}body{padding-top:1rem;font-size:15px}
            thead{display:none}tbody,tr,td{display:block}caption{display:block}table{display:block}
            tr{border:1px solid var(--line);border-radius:8px;background:var(--box);padding:.4rem .75rem;margin:.5rem 0}
            td{border:0;padding:.1rem 0;display:grid;grid-template-columns:5.5rem 1fr;gap:.5rem}
            td::before{content:attr(data-head);color:var(--soft)}td>*{grid-column:2}}
            @media print{:root{
            """
        + Light
        + """
            }body{max-width:none;padding:0;font-size:11pt}.wide{display:block}.narrow{display:none}
            h2{break-after:avoid}figure,tr,li,.summary{break-inside:avoid}.scroll{overflow:visible}
            svg,.p,.mark,.life,.summary{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
            """;
}
