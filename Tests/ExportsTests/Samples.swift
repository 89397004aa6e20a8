import Base
import Exports
import Predictions

let model = "parts@sha256:" + String(repeating: "0f", count: 32)

func film(_ name: String = "line.mp4", rate: Ratio? = Ratio(25, 1), duration: Double? = 10) -> ExportedAsset {
  ExportedAsset(
    id: "01JABC", name: name, isPicture: false, size: Size(width: 100, height: 50), duration: duration, frameRate: rate,
    pipeline: "sha256:1234", models: [model], tellsTracks: true)
}

func picture(_ name: String = "street.jpg") -> ExportedAsset {
  ExportedAsset(id: "01JPIC", name: name, isPicture: true, size: Size(width: 100, height: 50), models: [model])
}

func row(_ prediction: Prediction, _ index: Int, _ time: Double? = nil) -> PredictionRow {
  let stamp = FrameStamp(file: "line.mp4", index: index, pts: index * 512, time: time ?? Double(index) / 25)
  return PredictionRow(prediction, stamp, model: model)
}

func detection(
  _ label: String?, _ score: Float? = 0.5, _ box: Rect = Rect(x: 0.1, y: 0.2, width: 0.3, height: 0.4),
  track: Int? = nil
) -> Prediction {
  var found = Prediction(kind: .detection, label: label, score: score, box: box)
  found.track = track
  return found
}

func classification(_ label: String?, _ score: Float? = nil) -> Prediction {
  Prediction(kind: .classification, label: label, score: score)
}

/// All of an export, drained behind every so many rows.
func exported(
  _ format: ExportFormat, _ asset: ExportedAsset, _ rows: [PredictionRow], drainEvery: Int = 3
) throws(Fault) -> [UInt8] {
  var exporter = try Exporter(format, asset)
  var bytes: [UInt8] = []
  for (count, row) in rows.enumerated() {
    try exporter.add(row)
    if count % drainEvery == drainEvery - 1 { bytes += exporter.drain() }
  }
  return try bytes + exporter.finish()
}

func text(
  _ format: ExportFormat, _ asset: ExportedAsset, _ rows: [PredictionRow], drainEvery: Int = 3
) throws(Fault) -> String {
  String(decoding: try exported(format, asset, rows, drainEvery: drainEvery), as: UTF8.self)
}
