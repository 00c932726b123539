namespace Pss.Engine.Reports;

/// <summary>The report's style sheet. It has no characters that XML would escape. Text has at least 12 pixels, wide content scrolls in its own box,
/// and colors have a contrast of at least 4.5 (text) and 3 (lines) to the card in both schemes.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#15171a;--dim:#5d626a;--line:#e3e3df;--grid:#ececec;
        --s0:#2a78d6;--s1:#dd5a24;--s2:#12925f;--s3:#b97c00;--s4:#6a54c8;--s5:#d65688;--s6:#008300;--s7:#00869e}
        @media (prefers-color-scheme:dark){:root{--page:#121314;--card:#1b1c1e;--ink:#eceded;--dim:#a8adb5;--line:#313337;--grid:#2a2c2f;
        --s0:#4a94ec;--s1:#e0703f;--s2:#22a97a;--s3:#cf9417;--s4:#9a8cf0;--s5:#d5688f;--s6:#3fa33f;--s7:#2aa4bd}}
        .s0,.b0{--c:var(--s0)}.s1,.b1{--c:var(--s1)}.s2,.b2{--c:var(--s2)}.s3,.b3{--c:var(--s3)}
        .s4,.b4{--c:var(--s4)}.s5,.b5{--c:var(--s5)}.s6,.b6{--c:var(--s6)}.s7,.b7{--c:var(--s7)}
        .missed{--c:#ff3b30}.reference{--c:#fff}.hit{--c:var(--s0)}.miss{--c:var(--s1)}.none{--c:transparent}

        *{box-sizing:border-box}
        html{scroll-padding-top:12px;-webkit-text-size-adjust:100%}
        @media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        header,main{max-width:1280px;margin:0 auto;padding:0 24px}
        header{padding-top:32px}
        h1{font-size:28px;line-height:1.2;margin:0 0 16px;letter-spacing:-.01em;text-wrap:balance}
        h2{font-size:18px;margin:0 0 12px}
        h3{font-size:14px;font-weight:600;margin:26px 0 8px;color:var(--dim)}
        h1,h3,dd,figcaption,.legend,summary,p{overflow-wrap:anywhere}
        p{margin:0 0 12px;max-width:80ch}
        .dim{color:var(--dim);font-size:13.5px}
        .after{margin:14px 0 0}
        .nothing{color:var(--dim);font-size:13.5px;border:1px dashed var(--line);border-radius:6px;padding:8px 12px;margin:6px 0 0}
        nav{display:flex;flex-wrap:wrap;gap:0 18px;padding:12px 0;font-size:14px}
        nav a{color:var(--dim);text-decoration:none;padding:4px 0}
        nav a:hover{color:var(--s0);text-decoration:underline}
        section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px 24px;margin:0 0 20px}

        dl{margin:0}
        dd{margin:0;font-variant-numeric:tabular-nums}
        dt{color:var(--dim)}
        .facts{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:10px 20px;font-size:14px}
        .facts dt{font-size:13px}
        .settings{columns:2;column-gap:36px;font-size:14px}
        .settings div{display:flex;justify-content:space-between;gap:16px;border-bottom:1px solid var(--line);padding:4px 0;break-inside:avoid}
        .settings dt{flex:none;max-width:45%}
        .settings dd{text-align:right;min-width:0}
        .terms{columns:2;column-gap:36px;font-size:14px}
        .terms div{break-inside:avoid;padding:0 0 10px}
        .terms dt{color:var(--ink);font-weight:600}

        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:14px;margin-bottom:22px}
        .tile{border:1px solid var(--line);border-radius:8px;padding:12px 16px}
        .tile span,.tile small{display:block;color:var(--dim);font-size:13px}
        .tile b{display:block;font-size:34px;line-height:1.15;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
        .tile small{color:var(--ink)}
        .tile small.other{color:var(--dim)}
        .split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:36px;align-items:start}
        .grid1,.grid2,.grid3,.grid4{display:grid;gap:18px 24px;align-items:start;grid-template-columns:minmax(0,1fr)}
        .grid2{grid-template-columns:repeat(2,minmax(0,1fr))}
        .grid3{grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr))}
        .grid4{grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr))}
        .grid3.pictures{grid-template-columns:repeat(3,minmax(0,1fr));gap:18px}
        details{margin-top:18px}
        summary{cursor:pointer;color:var(--dim);margin-bottom:12px}

        figure{margin:0;min-width:0}
        figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 12px;font-size:13px;color:var(--dim);margin-bottom:4px}
        figcaption b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        .chart{container-type:inline-size}
        .plot{position:relative;margin:10px 16px 24px 46px}
        .plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
        .plot line,.plot path{vector-effect:non-scaling-stroke}
        .grid{stroke:var(--grid)}
        .axis{stroke:var(--dim);opacity:.6}
        .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .line.faint{stroke-width:1;opacity:.4}
        .line.dashed{stroke-width:1.5;stroke-dasharray:5 4;opacity:.75}
        .dot{fill:none;stroke:var(--c);stroke-width:8;stroke-linecap:round}
        .tick,.axis-title{font-size:12px;line-height:1;color:var(--dim);font-variant-numeric:tabular-nums;white-space:nowrap}
        .tick{position:absolute}
        .tick.y{right:100%;padding-right:7px;transform:translateY(50%)}
        .tick.x{top:100%;padding-top:7px;transform:translateX(-50%)}
        .tick.many{display:none}
        @container (min-width:640px){.tick.many{display:block}.tick.few{display:none}}
        .axis-title{text-align:center;padding-left:30px}
        .legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13.5px;margin-bottom:10px}
        .legend span{display:inline-flex;align-items:center;gap:7px}
        .chip{flex:none;width:12px;height:12px;border-radius:3px;background:var(--c)}

        .scroll{overflow:auto;max-height:760px}
        .split .scroll{max-height:none}
        .scroll+.dim{margin-top:10px}
        figure+.scroll{margin-top:22px}
        table{border-collapse:separate;border-spacing:0;width:100%;font-size:14px}
        caption{text-align:left;font-size:13px;color:var(--dim);padding-bottom:4px}
        thead{position:sticky;top:0;z-index:2;background:var(--card)}
        th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400;white-space:nowrap}
        thead th{color:var(--dim);font-size:13px;vertical-align:bottom}
        tbody th,thead th:first-child{position:sticky;left:0;z-index:1;background:var(--card);max-width:40vw;overflow:hidden;text-overflow:ellipsis}
        th small{display:block;color:var(--dim);font-size:12.5px;line-height:1.3}
        th.wrap{white-space:normal}
        .n{text-align:right;font-variant-numeric:tabular-nums;padding-right:12px}
        .group{text-align:center;border-bottom-color:var(--dim)}
        tbody tr:hover td,tbody tr:hover th{background-color:var(--page)}
        .bar{background:linear-gradient(color-mix(in srgb,var(--c) 24%,transparent) 0 0) left center/var(--v,0) 70% no-repeat;min-width:90px}
        .grid2 table{font-size:13px}
        .grid2 .n{padding-right:8px}
        .matrix{width:auto;font-size:13px}
        .matrix th{padding-right:8px}
        .matrix thead th{padding:0 0 6px;text-align:center}
        .matrix thead th:first-child{text-align:left;padding-right:8px}
        .matrix thead span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:150px;overflow:hidden;text-overflow:ellipsis}
        .matrix td{min-width:34px;height:30px;padding:2px 6px;text-align:center;font-variant-numeric:tabular-nums;border-right:1px solid var(--line)}
        .matrix td.hit,.matrix td.miss{background-color:color-mix(in srgb,var(--c) var(--v),var(--card))}
        .matrix tbody td:last-child{border-left:2px solid var(--dim)}
        .matrix tbody tr:last-child th,.matrix tbody tr:last-child td{border-top:2px solid var(--dim)}
        .bars{max-width:760px;margin-bottom:22px}
        .row{display:grid;grid-template-columns:96px 1fr 64px;gap:12px;align-items:center;font-size:13.5px;line-height:17px}
        .row.first{margin-top:7px}
        .fill{display:block;height:11px;background:var(--c);border-radius:0 2px 2px 0}
        .row b{font-weight:500;font-variant-numeric:tabular-nums}

        .store{position:absolute;width:0;height:0}
        .picture{display:block;width:100%;height:auto;border-radius:6px;background:#000}
        .zoom{cursor:zoom-in}
        .picture image,.store image{image-orientation:none}
        .under{opacity:.3;filter:grayscale(1)}
        .heatmap{image-rendering:pixelated;mix-blend-mode:screen}
        .edge{fill:none;stroke:var(--c);stroke-width:2;vector-effect:non-scaling-stroke}
        .edge.dashed{stroke-dasharray:6 4}
        .missed .edge{stroke-width:2.5;stroke-dasharray:3 3}
        .reference .edge{stroke-width:1.5;stroke-dasharray:2 3}
        .picture .reference{display:none}
        .mask{fill:var(--c);fill-opacity:.4;stroke:none}
        .tag{fill:var(--c);fill:color-mix(in srgb,var(--c) 75%,#000)}
        .label{pointer-events:none;transform:scale(var(--shrink,1))}
        .label text{fill:#fff;font-weight:600}
        .box:hover .edge{stroke-width:4}
        .key{flex:none;width:22px;height:12px}
        .key.reference{background:#444}
        .controls{display:flex;flex-wrap:wrap;gap:6px 20px;align-items:center;font-size:14px}
        .controls label{display:inline-flex;align-items:center;gap:7px;min-height:32px;cursor:pointer}
        .controls input{width:17px;height:17px;margin:0;accent-color:var(--s0)}
        .hint{color:var(--dim);font-size:13.5px}
        body:has(#show-boxes:not(:checked)) .picture .box,body:has(#show-boxes:not(:checked)) .picture .label{display:none}
        body:has(#show-masks:not(:checked)) .picture .mask{display:none}
        body:has(#show-labels:not(:checked)) .picture .label{display:none}
        body:has(#show-truth:checked) .picture .reference{display:inline}
        .heat{display:grid;gap:8px;grid-template-rows:auto auto;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);margin-bottom:8px}
        .scale{display:flex;align-items:center;gap:8px;font-size:13px;color:var(--dim);margin-top:12px}
        .scale img{width:220px;height:12px;border-radius:3px}

        dialog{border:0;padding:0;border-radius:10px;background:var(--card);color:var(--ink);max-width:100vw;max-height:100vh;overflow:hidden}
        dialog::backdrop{background:rgba(0,0,0,.75)}
        .viewer{padding:10px 12px}
        .viewer p{margin:0 0 8px;font-size:14px;overflow-wrap:anywhere}
        #viewer-stage{overflow:auto;max-width:calc(100vw - 32px);max-height:calc(100vh - 170px)}
        #viewer-stage svg{width:min(100vw - 32px,(100vh - 170px)*var(--ratio))}
        .large #viewer-stage svg{width:calc(min(100vw - 32px,(100vh - 170px)*var(--ratio))*2.5)}
        .buttons{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}
        .buttons button{font:inherit;font-size:14px;min-height:36px;padding:4px 12px;border:1px solid var(--line);border-radius:6px;
        background:var(--page);color:var(--ink);cursor:pointer}
        .buttons button[aria-pressed=true]{border-color:var(--s0);box-shadow:inset 0 -2px var(--s0)}
        .buttons [data-action=close]{margin-left:auto}

        @media (max-width:900px){.split,.grid2{grid-template-columns:minmax(0,1fr)}.settings,.terms{columns:1}
        .grid3.pictures{grid-template-columns:repeat(2,minmax(0,1fr))}}
        @media (max-width:700px){.facts{grid-template-columns:repeat(2,minmax(0,1fr))}
        .heat{grid-template-rows:none;grid-auto-flow:row;grid-template-columns:repeat(2,minmax(0,1fr))}}
        @media (max-width:600px){header,main{padding:0 12px}header{padding-top:20px}section{padding:16px 14px 20px}h1{font-size:24px}
        .tiles{gap:10px}.tile{padding:10px 12px}.tile b{font-size:28px}.grid3.pictures{grid-template-columns:minmax(0,1fr)}.row{grid-template-columns:84px 1fr 48px}}
        @media print{section{break-inside:avoid;border:0}.scroll{max-height:none;overflow:visible}.controls,nav{display:none}}
        """;
}
