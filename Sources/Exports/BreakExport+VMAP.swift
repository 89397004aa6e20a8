internal import Base
internal import Insights

extension BreakExport {
  /// IAB VMAP 1.0: an `AdBreak` each, of linear advertisements, with its time from the start of the film.
  ///
  /// Times are always clock times: players that know neither percentages nor positions are many. Every element has the prefix, since some look
  /// for it and not for the namespace. No two have the same time, as players take the first of them only.
  var vmap: [UInt8] {
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">

      """
    var last = -1
    for (one, number) in zip(breaks, numbers) where Self.milliseconds(one) > last {
      last = Self.milliseconds(one)
      let head = "  <vmap:AdBreak timeOffset=\"\(Digits.clock(last))\" breakType=\"linear\" breakId=\"break-\(number)\""
      guard let adTag else {
        text += head + "/>\n"
        continue
      }
      text += """
        \(head)>
            <vmap:AdSource id="\(one.rank)" allowMultipleAds="true" followRedirects="true">
              <vmap:AdTagURI templateType="vast3">\(Self.escaped(adTag))</vmap:AdTagURI>
            </vmap:AdSource>
          </vmap:AdBreak>

        """
    }
    return Array((text + "</vmap:VMAP>\n").utf8)
  }

  /// As text between tags; what XML 1.0 cannot hold at all is left out.
  static func escaped(_ text: String) -> String {
    var held = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t", "\n", "\r", " "..."\u{d7ff}", "\u{e000}"..."\u{fffd}", "\u{10000}"...: held.append(scalar)
      default: break
      }
    }
    return WebVTTWriter.escaped(String(held))
  }
}
