namespace Pss.Engine.Reports;

/// <summary>The report's style sheet. It has no characters that XML would escape.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#15171a;--dim:#666b73;--line:#e3e3df;--grid:#ececec;
        --s0:#2a78d6;--s1:#eb6834;--s2:#1baf7a;--s3:#eda100;--s4:#6a54c8;--s5:#e87ba4;--s6:#008300;--s7:#00869e}
        @media (prefers-color-scheme:dark){:root{--page:#121314;--card:#1b1c1e;--ink:#eceded;--dim:#a0a5ad;--line:#313337;--grid:#2a2c2f;
        --s0:#4a94ec;--s1:#e0703f;--s2:#22a97a;--s3:#cf9417;--s4:#9a8cf0;--s5:#d5688f;--s6:#3fa33f;--s7:#2aa4bd}}
        *{box-sizing:border-box}
        html{scroll-behavior:smooth;scroll-padding-top:12px}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        header,main{max-width:1180px;margin:0 auto;padding:0 24px}
        header{padding-top:36px}
        h1{font-size:28px;line-height:1.2;margin:0;letter-spacing:-.01em;text-wrap:balance}
        header p{margin:6px 0 14px;color:var(--dim)}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding:10px 0;font-size:14px}
        nav a{color:var(--dim);text-decoration:none}
        nav a:hover{color:var(--s0)}
        section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px 24px;margin:0 0 20px}
        h2{font-size:18px;margin:0 0 12px}
        h3{font-size:14px;font-weight:600;margin:26px 0 8px;color:var(--dim)}
        p{margin:0 0 12px;max-width:75ch}
        .dim{color:var(--dim);font-size:13.5px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:14px;margin-bottom:22px}
        .tile{border:1px solid var(--line);border-radius:8px;padding:12px 16px}
        .tile span,.tile small{display:block;color:var(--dim);font-size:13px}
        .tile b{display:block;font-size:34px;line-height:1.15;font-weight:650;letter-spacing:-.02em}
        .tile small{color:var(--ink)}
        .tile small.other{color:var(--dim)}
        .split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:36px;align-items:start}
        .grid2,.grid3,.grid4{display:grid;gap:18px;align-items:start}
        .grid2{grid-template-columns:repeat(2,minmax(0,1fr))}
        .grid3{grid-template-columns:repeat(3,minmax(0,1fr))}
        .grid4{grid-template-columns:repeat(4,minmax(0,1fr))}
        .heat{display:grid;gap:8px;grid-template-columns:repeat(var(--n),minmax(0,1fr));margin-bottom:8px}
        figure{margin:0;min-width:0}
        figcaption{display:flex;justify-content:space-between;font-size:13px;color:var(--dim);margin-bottom:4px}
        figcaption b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        svg{display:block;width:100%;height:auto}
        .store{position:absolute;width:0;height:0}
        .chart{overflow:visible}
        .chart text{font-size:11px;fill:var(--dim);font-variant-numeric:tabular-nums}
        .grid{stroke:var(--grid)}
        .axis{stroke:var(--dim);opacity:.6}
        .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .line.faint{stroke-width:1;opacity:.4}
        .line.dashed{stroke-width:1.5;stroke-dasharray:5 4;opacity:.75}
        .dot{fill:var(--c);stroke:var(--card);stroke-width:1.5}
        .fill{fill:var(--c)}
        .s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}
        .legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13.5px;margin-bottom:10px}
        .legend span{display:inline-flex;align-items:center;gap:7px}
        .chip{width:12px;height:12px;border-radius:3px;background:var(--c)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px}
        caption{text-align:left;font-size:13px;color:var(--dim);padding-bottom:4px}
        th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400;white-space:nowrap}
        thead th{color:var(--dim);font-size:13px}
        td.dim{white-space:normal}
        .n{text-align:right;font-variant-numeric:tabular-nums;padding-right:12px}
        .group{text-align:center;border-bottom-color:var(--dim)}
        tbody tr:hover{background:var(--page)}
        .bar{background:linear-gradient(color-mix(in srgb,var(--c) 24%,transparent) 0 0) left center/var(--v) 70% no-repeat;min-width:90px}
        .b0{--c:var(--s0)}.b1{--c:var(--s1)}.b2{--c:var(--s2)}.b3{--c:var(--s3)}.b4{--c:var(--s4)}.b5{--c:var(--s5)}.b6{--c:var(--s6)}.b7{--c:var(--s7)}
        .bars{max-width:760px;margin-bottom:22px}
        .row{display:grid;grid-template-columns:96px 1fr 64px;gap:12px;align-items:center;font-size:13.5px;line-height:17px}
        .row.first{margin-top:7px}
        .row svg{height:11px}
        .row b{font-weight:500;font-variant-numeric:tabular-nums}
        .picture{border-radius:6px;background:#000}
        .picture image{image-orientation:none}
        .store image{image-orientation:none}
        .under{opacity:.3;filter:grayscale(1)}
        .heatmap{image-rendering:pixelated;mix-blend-mode:screen}
        .edge{fill:none;stroke:var(--c);stroke-width:2;vector-effect:non-scaling-stroke}
        .edge.dashed{stroke-dasharray:6 4}
        .missed .edge{stroke:#ff3b30;stroke-width:2.5;stroke-dasharray:3 3}
        .tag{fill:var(--c)}
        .label{pointer-events:none}
        .label text{fill:#fff;font-weight:600;paint-order:stroke;stroke:rgba(0,0,0,.4);stroke-width:.14em}
        .box:hover .edge{stroke-width:4}
        .scale{display:flex;align-items:center;gap:8px;font-size:13px;color:var(--dim);margin-top:12px}
        .scale img{width:220px;height:12px;border-radius:3px}
        dl{columns:2;column-gap:36px;margin:0;font-size:14px}
        dl div{display:flex;justify-content:space-between;gap:16px;border-bottom:1px solid var(--line);padding:4px 0;break-inside:avoid}
        dt{color:var(--dim)}
        dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        .grid2 table{font-size:13px}
        .grid2 th{white-space:normal}
        .grid2 .n{padding-right:8px}
        @media (max-width:900px){.split,.grid2{grid-template-columns:minmax(0,1fr)}.grid3,.grid4{grid-template-columns:repeat(2,minmax(0,1fr))}dl{columns:1}}
        @media (max-width:520px){section{padding:16px 16px 20px}thead .n{white-space:normal}}
        @media print{section{break-inside:avoid;border:0}}
        """;
}
