'use strict';
(function () {
    const byId = id => document.getElementById(id);
    const colors = 8, named = 12;
    let limits = null, classes = [], key = '', file = null, detections = [], request = null;

    function problem(text, again) {
        byId('error').hidden = !text;
        byId('error-text').textContent = text || '';
        byId('retry').hidden = !again;
    }

    function size(bytes) {
        return bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + ' MB' : Math.ceil(bytes / 1e3) + ' kB';
    }

    async function call(path, options) {
        const headers = Object.assign({}, options.headers, key ? { 'X-Api-Key': key } : {});
        const response = await fetch(path, Object.assign({}, options, { headers }));
        if (response.ok)
            return response.json();
        const told = await response.json().catch(() => null);
        const error = new Error(told && told.detail || 'The service answered with status ' + response.status + '.');
        error.status = response.status;
        throw error;
    }

    function failed(error) {
        if (error.name === 'AbortError')
            return;
        byId('status').textContent = '';
        if (error.status === 401) {
            byId('key-form').hidden = false;
            problem(key ? error.message : '');
            byId('key').focus();
            return;
        }
        problem(error.status ? error.message : 'The service cannot be reached.', !error.status || error.status >= 500);
    }

    async function begin() {
        try {
            limits = await call('model', {});
            classes = limits.classes;
            const more = classes.length - named;
            byId('model').textContent = limits.model + ': ' + classes.slice(0, named).join(', ') + (more > 0 ? ' and ' + more + ' more classes.' : '.');
            byId('key-form').hidden = true;
            problem('');
            return true;
        } catch (error) {
            failed(error);
            return false;
        }
    }

    async function detect() {
        if (request)
            request.abort();
        byId('result').hidden = true;
        problem('');
        if (limits && file.size > limits.maxBytes) {
            byId('status').textContent = '';
            problem('The picture has ' + size(file.size) + ', more than the ' + size(limits.maxBytes) + ' that the service takes.');
            return;
        }
        byId('status').textContent = 'Detecting objects in ' + (file.name || 'the picture') + ' …';
        const mine = request = new AbortController();
        try {
            // The slider hides objects here: it needs no other request.
            const found = await call('detect?threshold=0&maximum=300', {
                method: 'POST', body: file, signal: mine.signal, headers: { 'Content-Type': 'application/octet-stream' }
            });
            await show(found);
            byId('status').textContent = '';
        } catch (error) {
            if (mine === request)
                failed(error);
        }
    }

    async function show(found) {
        const picture = byId('picture');
        URL.revokeObjectURL(picture.src);
        picture.src = URL.createObjectURL(file);
        byId('stage').style.setProperty('--ratio', found.width / found.height);
        await picture.decode().catch(() => { throw Object.assign(new Error('This browser cannot show the picture.'), { status: 400 }); });
        detections = found.detections;
        const names = classes.concat(detections.map(item => item.class));
        byId('boxes').replaceChildren(...detections.map(item => box(item, found, style(item, names))));
        byId('objects').replaceChildren(...detections.map((item, i) => row(item, style(item, names), byId('boxes').children[i])));
        byId('result').hidden = false;
        filter();
    }

    function style(item, names) {
        return 's' + names.indexOf(item.class) % colors;
    }

    function box(item, found, color) {
        const element = document.createElement('div'), label = document.createElement('span');
        const { x0, y0, x1, y1 } = item.box;
        element.className = 'box ' + color;
        element.classList.toggle('at-top', y0 < .06 * found.height);
        element.classList.toggle('at-right', x0 > .6 * found.width);
        element.style.left = 100 * x0 / found.width + '%';
        element.style.top = 100 * y0 / found.height + '%';
        element.style.width = 100 * (x1 - x0) / found.width + '%';
        element.style.height = 100 * (y1 - y0) / found.height + '%';
        label.textContent = item.class + ' ' + item.score.toFixed(2);
        element.append(label);
        return element;
    }

    function row(item, color, box) {
        const element = document.createElement('tr'), chip = document.createElement('span'), { x0, y0, x1, y1 } = item.box;
        const cells = [item.class, item.score.toFixed(2), [x0, y0, x1, y1].map(side => side.toFixed(0)).join(', ')].map((text, i) => {
            const cell = document.createElement('td');
            cell.textContent = text;
            cell.className = i > 0 ? 'n' : '';
            return cell;
        });
        chip.className = 'chip ' + color;
        cells[0].prepend(chip);
        element.append(...cells);
        element.addEventListener('mouseenter', () => box.classList.add('on'));
        element.addEventListener('mouseleave', () => box.classList.remove('on'));
        return element;
    }

    function filter() {
        const threshold = byId('threshold').valueAsNumber;
        let shown = 0;
        detections.forEach((item, i) => {
            const hidden = item.score < threshold;
            byId('boxes').children[i].hidden = byId('objects').children[i].hidden = hidden;
            shown += hidden ? 0 : 1;
        });
        byId('threshold-value').textContent = threshold.toFixed(2);
        byId('count').textContent = detections.length === 0 ? 'The model finds no object in this picture.'
            : shown + ' of ' + detections.length + ' objects have at least this score.';
    }

    function take(files) {
        const picture = Array.from(files).find(item => item.type.startsWith('image/')) || files[0];
        if (!picture)
            return;
        file = picture;
        detect();
    }

    byId('file').addEventListener('change', event => {
        take(event.target.files);
        // The same file may be chosen again.
        event.target.value = '';
    });
    byId('threshold').addEventListener('input', filter);
    byId('retry').addEventListener('click', () => file ? detect() : begin());
    byId('key-form').addEventListener('submit', async event => {
        event.preventDefault();
        key = byId('key').value;
        if (await begin() && file)
            detect();
    });
    document.addEventListener('paste', event => {
        if (event.clipboardData.files.length > 0) {
            event.preventDefault();
            take(event.clipboardData.files);
        }
    });
    document.addEventListener('dragover', event => {
        event.preventDefault();
        byId('drop').classList.add('over');
    });
    document.addEventListener('dragleave', event => {
        if (!event.relatedTarget)
            byId('drop').classList.remove('over');
    });
    document.addEventListener('drop', event => {
        event.preventDefault();
        byId('drop').classList.remove('over');
        take(event.dataTransfer.files);
    });
    begin();
})();
