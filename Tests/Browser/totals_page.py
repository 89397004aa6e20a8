"""The page of totals."""

from server import check


def totals(browser, server, asset):
    browser.open("about:blank")
    browser.open(f"{server.address}/#/totals?client=acme")
    labels = "return [...document.querySelectorAll('.totals article h3')].map((one) => one.innerText)"
    browser.wait("labels", lambda: len(browser.run(labels)) > 1)
    assert browser.text("h1") == "Totals" and browser.text("nav a[aria-current=page]") == "Totals"
    assert browser.text(".sums").replace("\n", " ").startswith("2 assets 0:04 of film"), browser.text(".sums")
    assert "is counted" in browser.text(".totals header [role=status]")
    table = "return [...document.querySelectorAll('.list tbody tr')].map((row) => [...row.children].slice(0, 3).map((cell) => cell.innerText))"
    assert browser.run(table) == [["Aurora", "1", "0:04"], ["Borealis", "1", "0:00"]], browser.run(table)
    first = browser.run("return document.querySelector('.totals article').innerText.split('\\n')")
    assert first[first.index("Assets") + 1] == "1" and 0 < float(first[first.index("Mean") + 1]) <= 1, first
    targets = browser.run("return [...document.querySelectorAll('.totals article .numbers a')].map((one) => one.getAttribute('href'))")
    assert targets and all(target.startswith(f"#/library/{asset}?series=line-inspector&label=") for target in targets), targets
    drawn = """const canvas = document.querySelector('.totals article canvas'); if (canvas.width < 50) return 0;
        const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true }); pen.drawImage(canvas, 0, 0);
        return pen.getImageData(0, 0, canvas.width, canvas.height).data.filter((one, at) => at % 4 === 3 && one > 0).length"""
    browser.wait("the histogram", lambda: browser.run(drawn) > 100)
    check("totals stand with numbers, distributions, and links to the least and the greatest")

    ranked = "return [...document.querySelectorAll('.ranked')].map((list) => [...list.querySelectorAll('b')].map((one) => one.innerText))"
    browser.wait("the best and the worst", lambda: browser.run(ranked) == [["line.mp4"], ["line.mp4"]])
    label = browser.run(labels)[1]
    browser.run("document.querySelectorAll('.totals article h3 a')[1].click()")
    browser.wait("another label", lambda: (browser.text(".scored h2") or "").startswith(label))
    assert browser.run("return document.activeElement.id") == "score-title" and f"label={label}" in browser.run("return location.hash")
    browser.wait("what cannot be had", lambda: "keeps no totals of earlier days" in browser.text(".scored"))
    browser.run("document.querySelector('.list a').click()")
    browser.wait("one brand", lambda: browser.text(".sums").startswith("1"))
    assert browser.run("return document.querySelector('#total-brand').value") == "Aurora"
    browser.wait("its campaigns", lambda: browser.run(table) == [["spring", "1", "0:04"]])
    browser.wait("its best", lambda: browser.run(ranked)[:1] == [["line.mp4"]])
    browser.run("document.querySelector('.ranked a').click()")
    browser.wait("the asset", lambda: browser.text("h1") == "line.mp4")
    check("a label leads to its best and worst assets, a brand to its campaigns")
