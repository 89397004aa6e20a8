internal import Base
internal import Predictions

extension Pen {
  /// Lays a map of an anomaly over its box, or the whole picture, in red: from half on, where an anomaly begins, ever firmer.
  func paint(_ map: AnomalyMap, in box: Rect?, on canvas: inout Canvas) {
    guard let place = area(box ?? .unit), let seen = place.clipped(to: size) else { return }
    let (wide, high) = (place.right - place.left, place.bottom - place.top)
    for y in seen.top..<seen.bottom {
      let row = min((y - place.top) * map.size.height / high, map.size.height - 1)
      for x in seen.left..<seen.right {
        let column = min((x - place.left) * map.size.width / wide, map.size.width - 1)
        let value = map.value(at: row * map.size.width + column)
        guard value >= 0.5 else { continue }
        canvas.mix(Palette.Color(0xE0301E), Int(60 + (value - 0.5) * 240), at: (y * size.width + x) * 3)
      }
    }
  }
}
