/// What the page is made of.
enum HTMLPage {
  /// Values are escaped but for the style and the script, which are the constants below.
  static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>fibertrace verify</title>
    <style>{{{style}}}</style>
    </head>
    <body>
    <header>
    <h1>Call frame information</h1>
    <p>{{summary}}</p>
    {{#run}}<pre>{{.}}</pre>{{/run}}
    <form role="search" onsubmit="return false">
    <input id="filter" type="search" placeholder="file, function, rule or address" aria-label="Filter" autocomplete="off">
    <label><input type="checkbox" value="error" checked> errors</label>
    <label><input type="checkbox" value="warning" checked> warnings</label>
    <label><input type="checkbox" value="note"> notes</label>
    <label><input type="checkbox" value="unknown"> unknown</label>
    <label><input type="checkbox" value="waived"> waived</label>
    <output id="shown"></output>
    </form>
    </header>
    <main>
    {{^files}}<p class="empty">No files.</p>{{/files}}
    {{#files}}
    <details class="file"{{#open}} open{{/open}} data-path="{{path}}">
    <summary><span class="path">{{path}}</span>{{#failure}} <span class="error">not verified: {{failure}}</span>{{/failure}}
    {{^failure}}{{#executed}}<span class="counts">executed: {{.}}</span>{{/executed}} {{^isExecutedOnly}}{{^hasFrames}}<span class="counts">no call frame information</span>{{/hasFrames}}{{#hasFrames}}<span class="counts">{{fdes}}, {{instructions}}: <span class="proved">{{proved}} proved</span>,
    <span class="{{#isRefuted}}error{{/isRefuted}}">{{refuted}} refuted</span>, {{#seen}}{{.}}, {{/seen}}<span title="{{unknownReasons}}">{{unknown}} unknown</span>{{#unresolvedJumps}}, {{.}}{{/unresolvedJumps}}{{#skipped}}, <span title="{{skipReasons}}">{{.}}</span>{{/skipped}}</span>{{/hasFrames}}{{/isExecutedOnly}}{{/failure}}</summary>
    {{#problems}}<p class="problem">{{.}}</p>{{/problems}}
    {{#findings}}
    <details class="finding" data-severity="{{severity}}"{{#waived}} data-waived{{/waived}}{{#isOpen}} open{{/isOpen}}>
    <summary><span class="{{severity}}">{{severity}}</span> <b title="{{ruleSummary}}">{{rule}}</b> <span class="function">{{function}}</span>
    <code>{{pc}}</code> <code>{{record}}</code> <span class="source">{{source}}</span></summary>
    <p>{{explanation}}</p>
    {{#waived}}<p class="waived">{{.}}</p>{{/waived}}
    {{#story}}
    <div class="scroll"><table>
    <thead><tr><th>address</th><th>instruction</th><th>row before it</th><th></th></tr></thead>
    <tbody>
    {{#lines}}{{#gap}}<tr><td>...</td></tr>
    {{/gap}}<tr class="{{mark}}"><td>{{address}}</td><td>{{code}}</td><td>{{row}}</td><td>{{says}}</td></tr>
    {{/lines}}</tbody></table></div>
    <p><b>Goes wrong:</b> {{consequence}}</p>
    {{#remedy}}<p><b>To mend:</b> <code>{{.}}</code> {{remedyPlace}}</p>{{/remedy}}
    {{/story}}
    </details>
    {{/findings}}
    </details>
    {{/files}}
    </main>
    <footer><p>Proved means, if:</p><ul>{{#assumptions}}<li>{{.}}</li>{{/assumptions}}</ul></footer>
    <script>{{{script}}}</script>
    </body>
    </html>

    """

  static let style = """
    :root{color-scheme:light dark;--error:#b3261e;--warning:#8a5a00;--proved:#1b6e3c;--line:#8884;--quiet:#6b6b6b}
    @media (prefers-color-scheme:dark){:root{--error:#ff8a80;--warning:#ffc96b;--proved:#7fd6a2;--quiet:#a5a5a5}}
    body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}
    h1{font-size:1.4rem;margin:0}
    header{display:contents}
    header p{margin:.2rem 0 .8rem}
    form{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;position:sticky;top:0;background:Canvas;padding:.5rem 0;border-bottom:1px solid var(--line)}
    #filter{flex:1 1 16rem;font:inherit;padding:.3rem .5rem}
    output{color:var(--quiet)}
    summary{cursor:pointer;overflow-wrap:anywhere}
    .file{margin:.6rem 0;border-bottom:1px solid var(--line);padding-bottom:.4rem}
    .path{font-weight:600;margin-right:.6rem}
    .counts span{white-space:nowrap}
    .counts,.source,.empty,.waived,footer{color:var(--quiet)}
    .finding{margin:.4rem 0 .4rem 1rem}
    .error{color:var(--error);font-weight:600}
    .warning,.problem{color:var(--warning)}
    .proved{color:var(--proved)}
    .function{overflow-wrap:anywhere}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font:13px/1.5 ui-monospace,monospace;white-space:pre}
    th{text-align:left;font-weight:400;color:var(--quiet)}
    th,td{padding:0 1rem 0 0}
    tr.cause td{color:var(--warning)}
    tr.wrong td{color:var(--error);font-weight:600}
    [hidden]{display:none}
    """

  static let script = """
    (function () {
      var input = document.getElementById('filter');
      var boxes = Array.from(document.querySelectorAll('form input[type=checkbox]'));
      var shown = document.getElementById('shown');
      var files = Array.from(document.querySelectorAll('.file')).map(function (file) {
        return { element: file, path: file.dataset.path.toLowerCase(),
          findings: Array.from(file.querySelectorAll('.finding')).map(function (finding) {
            return { element: finding, text: finding.querySelector('summary').textContent.toLowerCase() };
          }) };
      });
      function apply() {
        var words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
        var kinds = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
        var count = 0;
        files.forEach(function (file) {
          var here = 0;
          file.findings.forEach(function (finding) {
            var data = finding.element.dataset;
            var fits = kinds.includes(data.severity) && (data.waived === undefined || kinds.includes('waived')) &&
              words.every(function (word) { return finding.text.includes(word) || file.path.includes(word); });
            finding.element.hidden = !fits;
            if (fits) here += 1;
          });
          count += here;
          file.element.hidden = words.length > 0 && here === 0 &&
            !words.every(function (word) { return file.path.includes(word); });
        });
        shown.textContent = count + (count === 1 ? ' finding' : ' findings');
      }
      function fromHash() {
        var hash = location.hash.slice(1);
        try { input.value = decodeURIComponent(hash); } catch (error) { input.value = ''; }
        apply();
      }
      input.addEventListener('input', apply);
      boxes.forEach(function (box) { box.addEventListener('change', apply); });
      window.addEventListener('hashchange', fromHash);
      fromHash();
    })();
    """
}
