namespace Pss.Engine.Reports;

/// <summary>The report's script: pictures open enlarged. It has no characters that XML would escape.</summary>
internal static class ReportScript
{
    public const string JavaScript = """
        (function () {
            'use strict';
            var dialog = document.getElementById('viewer');
            if (!dialog) return;
            if (!dialog.showModal) return;
            var stage = document.getElementById('viewer-stage'), title = document.getElementById('viewer-title');
            var pictures = Array.from(document.querySelectorAll('main svg.picture')), at = 0;
            var names = pictures.map(function (picture) { return picture.getAttribute('aria-label'); });
            var labelWidth = 400;

            function fit() {
                var picture = stage.firstElementChild;
                if (picture) picture.style.setProperty('--shrink', Math.min(1, labelWidth / picture.getBoundingClientRect().width));
            }
            function size(large) {
                dialog.classList.toggle('large', large);
                dialog.querySelector('[data-action=size]').textContent = large ? 'Smaller' : 'Larger';
                fit();
            }
            function show(index) {
                at = (index + pictures.length) % pictures.length;
                var copy = pictures[at].cloneNode(true), box = copy.viewBox.baseVal;
                copy.removeAttribute('tabindex');
                copy.classList.remove('zoom');
                copy.setAttribute('role', 'img');
                copy.setAttribute('aria-label', names[at]);
                copy.style.setProperty('--ratio', box.width / box.height);
                title.textContent = names[at];
                stage.replaceChildren(copy);
                fit();
            }
            function toggles() {
                dialog.querySelectorAll('[data-action^=show-]').forEach(function (button) {
                    var box = document.getElementById(button.dataset.action);
                    button.hidden = !box;
                    if (box) button.setAttribute('aria-pressed', box.checked);
                });
            }
            function open(index) {
                size(false);
                toggles();
                dialog.showModal();
                show(index);
            }
            pictures.forEach(function (picture, index) {
                picture.setAttribute('tabindex', '0');
                picture.setAttribute('role', 'button');
                picture.setAttribute('aria-label', 'Enlarge ' + names[index]);
                picture.classList.add('zoom');
                picture.addEventListener('click', function () { open(index); });
                picture.addEventListener('keydown', function (event) {
                    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); open(index); }
                });
            });
            dialog.addEventListener('click', function (event) {
                var action = event.target === dialog ? 'close' : event.target.dataset.action;
                if (action === 'close') dialog.close();
                else if (action === 'previous') show(at - 1);
                else if (action === 'next') show(at + 1);
                else if (action === 'size') size(!dialog.classList.contains('large'));
                else if (action) { document.getElementById(action).click(); toggles(); }
            });
            dialog.addEventListener('keydown', function (event) {
                if (event.key === 'ArrowLeft') show(at - 1);
                else if (event.key === 'ArrowRight') show(at + 1);
            });
            window.addEventListener('resize', fit);
            document.querySelectorAll('.hint').forEach(function (hint) { hint.hidden = false; });
        })();
        """;
}
