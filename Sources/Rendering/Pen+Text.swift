internal import Base
internal import Predictions

extension Pen {
  private var letterWidth: Int { Font.width * scale }
  private var lineHeight: Int { Font.height * scale }
  private static let captionLimit = 8

  /// The name above a box, or inside it where there is no room above; always inside the picture.
  func drawTag(_ prediction: Prediction, on canvas: inout Canvas) {
    guard let box = prediction.box, let area = area(box)?.clipped(to: size) else { return }
    let line = TextLine(wording(prediction), limit: (size.width - 2 * scale) / letterWidth, scale: scale)
    guard line.cells > 0 else { return }
    let padding = 2 * scale
    let width = line.cells * letterWidth + 2 * padding
    let left = max(0, min(area.left, size.width - width))
    let above = area.top - lineHeight
    let top = above >= 0 ? above : min(area.top, max(0, size.height - lineHeight))
    let color = color(prediction)
    canvas.fill(Canvas.Area(left: left, top: top, right: left + width, bottom: top + lineHeight), color)
    canvas.text(line, x: left + padding, y: top, scale: scale, color.isLight ? .black : .white)
  }

  /// What belongs to the whole picture, and what each mask is, as lines in the top left corner.
  func drawCaption(_ predictions: [Prediction], on canvas: inout Canvas) {
    let told = predictions.filter {
      $0.box == nil && $0.points.isEmpty && ($0.label != nil || $0.text != nil || $0.score != nil)
    }
    let (margin, swatch) = (6 * scale, 10 * scale)
    let room = (size.width - 4 * margin - swatch) / letterWidth
    guard !told.isEmpty, room > 0 else { return }
    var lines = told.prefix(Self.captionLimit).map {
      (TextLine(wording($0), limit: room, scale: scale), Optional(color($0)))
    }
    let rest = told.count - lines.count
    if rest > 0 { lines.append((TextLine("and \(rest) more", limit: room, scale: scale), nil)) }
    let width = (lines.map(\.0.cells).max() ?? 0) * letterWidth + 3 * margin + swatch
    let height = lines.count * lineHeight + margin
    canvas.shade(
      Canvas.Area(left: margin, top: margin, right: margin + width, bottom: margin + height), .black, opacity: 170)
    for (index, line) in lines.enumerated() {
      let (left, top) = (2 * margin, margin + margin / 2 + index * lineHeight)
      if let color = line.1 {
        let middle = top + (lineHeight - swatch) / 2
        canvas.fill(Canvas.Area(left: left, top: middle, right: left + swatch, bottom: middle + swatch), color)
      }
      canvas.text(line.0, x: left + swatch + margin, y: top, scale: scale, .white)
    }
  }

  /// `good 0.91`, `car #17 0.80`; a text that was read stands for itself.
  private func wording(_ prediction: Prediction) -> String {
    let track = prediction.track.map { " #\($0)" } ?? ""
    let name = String((prediction.text ?? prediction.label ?? prediction.kind.rawValue).prefix(80)) + track
    if let score = prediction.score { return "\(name) \(decimal(score))" }
    return prediction.mask.map { "\(name) \(percent($0.share))" } ?? name
  }

  /// Two decimals.
  private func decimal(_ score: Float) -> String {
    let scaled = (Double(score).magnitude * 100).rounded()
    guard scaled < 1e12 else { return "\(score)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: 100)
    return (score < 0 && scaled > 0 ? "-" : "") + "\(whole)." + (rest < 10 ? "0" : "") + "\(rest)"
  }

  private func percent(_ share: Double) -> String {
    share.isFinite && (0...1).contains(share) ? "\(Int((share * 100).rounded()))%" : ""
  }
}
