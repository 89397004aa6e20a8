public import Base
public import Predictions

extension Pipeline.Infer {
  /// The part of the picture, in fractions, that a network is shown of a detection; `nil` where it is not shown at all.
  public func crop(of detection: Prediction) -> Rect? {
    guard let box = detection.box, (detection.score ?? 0) >= (score ?? 0) else { return nil }
    guard of.isEmpty || detection.label.map(of.contains) ?? false else { return nil }
    let (x, y) = (box.width * margin, box.height * margin)
    let wide = Rect(left: box.x - x, top: box.y - y, right: box.right + x, bottom: box.bottom + y).clipped(to: .unit)
    return wide.area > 0 ? wide : nil
  }
}
