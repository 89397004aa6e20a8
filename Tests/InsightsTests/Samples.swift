import Base
import Foundation
import Insights
import Predictions

/// An answer about attention with a map of these cells.
func looking(_ width: Int, _ cells: [UInt8], step: Int = 0) -> Prediction {
  var found = Prediction(kind: .saliency, score: 1)
  found.step = step
  let map = AttentionMap(size: Size(width: width, height: cells.count / width), cells: cells)!
  found.setAttention(map, named: "saliency", range: 0...1, mean: 0.5)
  return found
}

func box(_ label: String, _ rect: Rect, track: Int? = nil, score: Float = 0.9, step: Int = 1) -> Prediction {
  var found = Prediction(kind: .detection, label: label, score: score, box: rect)
  (found.track, found.step) = (track, step)
  return found
}

func rect(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Rect {
  Rect(x: x, y: y, width: width, height: height)
}

func near(_ a: Double?, _ b: Double, _ slack: Double = 1e-6) -> Bool { a.map { abs($0 - b) <= slack } ?? false }

/// What a report writes, read again.
func document(_ write: (inout JSONWriter) -> Void) throws -> [String: Any] {
  var json = JSONWriter()
  write(&json)
  return try JSONSerialization.jsonObject(with: Data(json.bytes)) as! [String: Any]
}
