internal import Base
internal import Predictions

extension Report {
  /// The kept examples, each with when and what.
  var pictures: Markup {
    let kept = collector.gallery.pictures
    guard !kept.isEmpty else { return .nothing }
    let several = kept.count > 1
    let hint = several ? choice + ", spread over the video." : ""
    let body: Markup = """
      <ul class="\(several ? "pictures" : "pictures single")">
      \(kept.enumerated().map { picture($1, number: $0 + 1) })
      </ul>
      """
    return panel("pictures", several ? "Pictures" : "Picture", hint: hint, body)
  }

  /// What the examples were chosen by.
  private var choice: String {
    switch header.task {
    case .score, .shotBoundary, .anomaly: "The highest scores"
    case .embedding, .tensor: "Examples"
    default: "The clearest frames of each label"
    }
  }

  private static let findingLimit = 4

  /// It opens large where it is clicked on, by the page's address alone: no script may run here.
  private func picture(_ kept: Gallery.Picture, number: Int) -> Markup {
    let when = NumberFormat.clock(kept.stamp.time, tenths: axis.span < 60)
    let shown = kept.findings.prefix(Self.findingLimit)
    let rest = kept.findings.count - shown.count
    let more: Markup = rest > 0 ? "<span class=\"hint\">and \(rest) more</span>" : ""
    let spoken = shown.map { "\($0.text ?? $0.label)\($0.count > 1 ? " (\($0.count))" : "")" }
    let moment: Markup =
      axis.span > 0
      ? "<p class=\"when\"><b>\(when)</b> <span class=\"hint\">frame \(NumberFormat.grouped(kept.stamp.index))</span></p>"
      : ""
    let place = axis.span > 0 ? "Frame at \(when): " : "The picture: "
    return """
      <li id="picture-\(number)"><figure><a class="open" href="#picture-\(number)" \
      style="--r:\(NumberFormat.short(Double(kept.size.width) / Double(max(1, kept.size.height)), 4))">\
      <img src="data:image/jpeg;base64,\(Base64.encode(kept.jpeg))" width="\(kept.size.width)" \
      height="\(kept.size.height)" alt="\(place + spoken.joined(separator: ", "))"></a>
      <a class="close" href="#pictures">Close</a>
      <figcaption>\(moment)<p class="found">\(shown.map(finding))\(more)</p></figcaption></figure></li>
      """
  }

  private func finding(_ finding: Gallery.Finding) -> Markup {
    let times: Markup = finding.count > 1 ? "<span class=\"times\">× \(finding.count)</span>" : ""
    let score: Markup = finding.bestScore.map { " <data>\(NumberFormat.fixed(Double($0), 2))</data>" } ?? ""
    let color = color(finding.label)
    let name: Markup = "<bdi>\(finding.text ?? finding.label)</bdi>"
    return "<span class=\"tag\" style=\"--c:\(color)\">\(name)\(times)\(score)</span>"
  }
}
