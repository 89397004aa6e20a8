/// Scripts of others that the pages use, under the names that pages import them by.
public enum PageScripts {
  public static let files: [(name: String, bytes: [UInt8])] = [("chart.min.js", PackageResources.chart_min_js)]
}
