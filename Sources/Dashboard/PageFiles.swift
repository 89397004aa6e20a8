// Written by list-page from what stands in Page: add a file there and run `make page-files`.
extension Dashboard {
  static let pageFiles: [(name: String, bytes: [UInt8])] = [
    ("api.js", PackageResources.api_js),
    ("assets.js", PackageResources.assets_js),
    ("charts.js", PackageResources.charts_js),
    ("clip.js", PackageResources.clip_js),
    ("dom.js", PackageResources.dom_js),
    ("drawing.js", PackageResources.drawing_js),
    ("feed.js", PackageResources.feed_js),
    ("figures.js", PackageResources.figures_js),
    ("grid.js", PackageResources.grid_js),
    ("icon.svg", PackageResources.icon_svg),
    ("index.html", PackageResources.index_html),
    ("library.css", PackageResources.library_css),
    ("library.js", PackageResources.library_js),
    ("main.js", PackageResources.main_js),
    ("models.js", PackageResources.models_js),
    ("pages.js", PackageResources.pages_js),
    ("router.js", PackageResources.router_js),
    ("style.css", PackageResources.style_css),
    ("theme.js", PackageResources.theme_js),
    ("tryout.js", PackageResources.tryout_js),
  ]
}
