internal import Base
internal import Predictions

extension Pen {
  /// Lays a colour over the box of a map: the firmer, the greater the number there.
  ///
  /// Numbers of 0 to 1 are as firm as they say, others from the least to the greatest of the map.
  func paintMap(_ prediction: Prediction, _ color: Palette.Color, on canvas: inout Canvas) {
    guard let map = prediction.mapSize, let box = prediction.box, let area = area(box)?.clipped(to: size) else {
      return
    }
    let finite = prediction.vector.filter(\.isFinite)
    guard let least = finite.min(), let most = finite.max() else { return }
    let isShare = least >= 0 && most <= 1
    let (low, span) = isShare ? (0, 1) : (least, max(most - least, .leastNormalMagnitude))
    let (wide, high) = (area.right - area.left, area.bottom - area.top)
    for y in 0..<high {
      for x in 0..<wide {
        let number = prediction.vector[y * map.height / high * map.width + x * map.width / wide]
        guard number.isFinite else { continue }
        let share = min(max((number - low) / span, 0), 1)
        canvas.mix(color, Int(share * 200), at: ((area.top + y) * size.width + area.left + x) * 3)
      }
    }
  }
}
