internal import Base
internal import Predictions

/// COCO's object detection format with scores: annotations as they come, then images, categories, and what was left out.
struct COCOWriter: ExportWriter {
  private struct Image {
    var index: Int
    var time: Double
    var pts: Int?
  }

  /// Why a prediction is no annotation.
  private enum Reason: String, CaseIterable {
    case noPlace = "without_place"
    case emptyPlace = "place_outside_or_empty"
    case gone
    case endedTrack = "ended_track"
  }

  private let asset: ExportedAsset
  private var categories: COCOCategories
  private var document: JSONWriter.Level?
  private var annotations: JSONWriter.Level?
  private var images: [Image] = []
  private var count = 0
  private var skipped: [Reason: Int] = [:]
  private var brokenMasks = 0

  init(_ asset: ExportedAsset) throws(Fault) {
    guard asset.size.width > 0, asset.size.height > 0 else {
      throw Fault(
        .unsupported,
        "the size of \(asset.name) is not known, and COCO's boxes are in pixels; csv and jsonl hold fractions")
    }
    self.asset = asset
    categories = COCOCategories(asset.labels)
    if asset.isPicture { images = [Image(index: 0, time: 0)] }
  }

  mutating func begin(_ output: inout ExportOutput) {
    document = output.json.openObject()
    annotations = output.json.openArray("annotations")
  }

  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault) {
    try takeFrame(row.stamp)
    let prediction = row.prediction
    if prediction.state == .off { return skip(.gone) }
    if prediction.span != nil { return skip(.endedTrack) }
    // The box of a map is what it covers, and no object.
    if prediction.mapSize != nil { return skip(.noPlace) }
    var mask = prediction.mask.flatMap { PixelMask($0, size: asset.size) }
    if prediction.mask != nil, mask == nil { brokenMasks += 1 }
    if mask?.area == 0 { mask = nil }
    guard let shape = COCOShape(prediction, mask, asset.size) else {
      let hasPlace = prediction.box != nil || prediction.mask != nil || !prediction.points.isEmpty
      return skip(hasPlace ? .emptyPlace : .noPlace)
    }
    write(row, shape, &output.json)
  }

  mutating func finish(_ output: inout ExportOutput) {
    output.json.close(&annotations)
    output.json.array("images") { json in for image in images { write(image, &json) } }
    categories.write(&output.json)
    output.json.array("licenses") { _ in }
    output.json.object("info") { json in
      json.field("description", asset.name)
      json.field("asset", asset.id)
      json.field("pipeline", asset.pipeline)
      json.field("models", asset.models)
      json.object("skipped") { json in
        for reason in Reason.allCases { json.field(.made(reason.rawValue), skipped[reason] ?? 0) }
      }
      json.field("broken_masks", brokenMasks)
    }
    output.json.close(&document)
    output.json.newline()
  }

  /// A frame that comes is an image; rows of a frame stand together.
  private mutating func takeFrame(_ stamp: FrameStamp) throws(Fault) {
    if asset.isPicture { return }
    guard stamp.index != images.last?.index else { return }
    guard stamp.index >= 0, stamp.index > images.last?.index ?? -1 else {
      throw Fault(
        .badInput,
        "frame \(stamp.index) comes behind a later one, and COCO has one image a frame; csv and jsonl hold it")
    }
    images.append(Image(index: stamp.index, time: stamp.time, pts: stamp.pts))
  }

  private mutating func skip(_ reason: Reason) { skipped[reason, default: 0] += 1 }

  private mutating func write(_ row: PredictionRow, _ shape: COCOShape, _ json: inout JSONWriter) {
    let prediction = row.prediction
    count += 1
    let names = shape.points.isEmpty ? [] : prediction.points.map(\.name)
    let category = categories.number(of: prediction.name, points: names)
    json.object { json in
      json.field("id", count)
      json.field("image_id", images.last.map { $0.index + 1 } ?? 1)
      json.field("category_id", category)
      let box = shape.box
      json.array("bbox") { json in for side in [box.x, box.y, box.width, box.height] { json.number(side, digits: 3) } }
      json.field("area", shape.area, digits: 3)
      json.field("iscrowd", 0)
      if let mask = shape.mask { write(mask, &json) }
      if !shape.outline.isEmpty, shape.mask == nil {
        json.array("segmentation") { json in
          json.array { json in for side in shape.outline { json.number(side, digits: 3) } }
        }
      }
      if !shape.points.isEmpty { write(shape, prediction.points, &json) }
      json.field("score", ifKnown: prediction.finiteScore.map(Double.init))
      json.field("track_id", ifKnown: prediction.track)
      json.field("text", ifKnown: prediction.text)
      if asset.models.count > 1 { json.field("model", row.model) }
    }
  }

  private func write(_ mask: PixelMask, _ json: inout JSONWriter) {
    json.object("segmentation") { json in
      json.array("size") { json in
        json.integer(asset.size.height)
        json.integer(asset.size.width)
      }
      json.array("counts") { json in for count in mask.counts { json.integer(count) } }
    }
  }

  private func write(_ shape: COCOShape, _ points: [Keypoint], _ json: inout JSONWriter) {
    json.array("keypoints") { json in
      for point in shape.points {
        json.number(point.x, digits: 3)
        json.number(point.y, digits: 3)
        json.integer(point.visibility)
      }
    }
    json.field("num_keypoints", shape.points.count { $0.visibility > 0 })
    guard points.contains(where: { $0.score != nil }) else { return }
    json.array("keypoint_scores") { json in for point in points { json.number(Double(point.score ?? .nan)) } }
  }

  private func write(_ image: Image, _ json: inout JSONWriter) {
    json.object { json in
      json.field("id", image.index + 1)
      json.field("width", asset.size.width)
      json.field("height", asset.size.height)
      guard !asset.isPicture else { return json.field("file_name", asset.name) }
      json.field("file_name", "\(asset.stem)_\(Digits.padded(image.index, 6)).jpg")
      json.field("video", asset.name)
      json.field("frame", image.index)
      json.field("time", image.time, digits: 6)
      json.field("pts", ifKnown: image.pts)
    }
  }
}
