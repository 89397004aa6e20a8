import Base
import Exports
import Foundation
import Predictions
import Testing

struct COCOTests {
  private func coco(_ asset: ExportedAsset, _ rows: [PredictionRow]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(try exported(.coco, asset, rows))) as? [String: Any])
  }

  private func annotations(_ asset: ExportedAsset, _ predictions: [Prediction]) throws -> [[String: Any]] {
    try #require(coco(asset, predictions.map { row($0, 0) })["annotations"] as? [[String: Any]])
  }

  @Test func `a film's boxes stand in pixels, on an image a frame`() throws {
    let rows = [row(detection("cup", 0.934, track: 3), 4), row(detection("dog", nil), 4), row(detection("cup"), 12)]
    let images = [4, 12].map { frame in
      #"{"id":\#(frame + 1),"width":100,"height":50,"file_name":"line_\#(frame < 10 ? "00000" : "0000")\#(frame).jpg","#
        + #""video":"line.mp4","frame":\#(frame),"time":\#(NumberFormat.short(Double(frame) / 25, 2)),"pts":\#(frame * 512)}"#
    }
    let box = #""bbox":[10,10,30,20],"area":600,"iscrowd":0"#
    #expect(
      try text(.coco, film(), rows) == """
        {"annotations":[{"id":1,"image_id":5,"category_id":1,\(box),"score":0.934,"track_id":3},\
        {"id":2,"image_id":5,"category_id":2,\(box)},{"id":3,"image_id":13,"category_id":1,\(box),"score":0.5}],\
        "images":[\(images.joined(separator: ","))],\
        "categories":[{"id":1,"name":"cup","supercategory":""},{"id":2,"name":"dog","supercategory":""}],"licenses":[],\
        "info":{"description":"line.mp4","asset":"01JABC","pipeline":"sha256:1234","models":["\(model)"],\
        "skipped":{"without_place":0,"place_outside_or_empty":0,"gone":0,"ended_track":0},"broken_masks":0}}\n
        """)
  }

  @Test func `a picture is one image under its name, also where nothing was found`() throws {
    let images = try #require(coco(picture("sub/street.jpg"), [])["images"] as? [[String: Any]])
    #expect(images.map { $0["file_name"] as? String } == ["sub/street.jpg"])
  }

  @Test func `the network's classes have their numbers, whatever was seen first`() throws {
    var asset = film()
    asset.labels = ["dog", "cat", "cup"]
    let found = try coco(asset, [row(detection("cup"), 0), row(detection("new"), 0), row(detection("dog"), 0)])
    #expect((found["annotations"] as? [[String: Any]])?.map { $0["category_id"] as? Int } == [3, 4, 1])
    #expect((found["categories"] as? [[String: Any]])?.map { $0["name"] as? String } == ["dog", "cat", "cup", "new"])
  }

  @Test func `what has no place is counted, and no box is made up for it`() throws {
    var (gone, ended) = (detection("cup"), detection("cup"))
    (gone.state, ended.span) = (.off, 1...2)
    var map = Prediction(kind: .tensor, label: "depth", box: .unit)
    (map.vector, map.tensor) = (
      [1, 2, 3, 4],
      TensorSummary(
        spec: TensorSpec(name: "depth", shape: [2, 2], element: .f32), minimum: 1, maximum: 4, mean: 2.5)
    )
    let predictions = [
      classification("day", 1), map, gone, ended, detection("out", 1, Rect(x: 1.2, y: 0, width: 0.5, height: 0.5)),
      detection("nan", 1, Rect(x: .nan, y: 0, width: 1, height: 1)),
      detection("flat", 1, Rect(x: 0, y: 0, width: 0, height: 1)),
      detection("inside out", 1, Rect(x: 0.5, y: 0.5, width: -0.2, height: 0.2)),
    ]
    let found = try coco(film(), predictions.map { row($0, 0) })
    #expect((found["annotations"] as? [Any])?.isEmpty == true)
    let skipped = (found["info"] as? [String: Any])?["skipped"] as? [String: Int]
    #expect(skipped == ["without_place": 2, "place_outside_or_empty": 4, "gone": 1, "ended_track": 1])
    #expect((found["images"] as? [Any])?.count == 1)
  }

  @Test func `a box that leaves the picture ends at its edge, and a score that is no number is left out`() throws {
    let found = try annotations(film(), [detection("cup", .nan, Rect(x: -0.1, y: 0.5, width: 0.2, height: 0.7))])
    #expect(found.first?["bbox"] as? [Double] == [0, 25, 10, 25])
    #expect(found.first?["area"] as? Double == 250)
    #expect(found.first?["score"] == nil)
  }

  @Test func `a mask has the picture's size, its own area, and the box around it where it brings none`() throws {
    var found = Prediction(kind: .segmentation, label: "road", score: 0.5)
    found.mask = Mask(size: Size(width: 2, height: 2), counts: [1, 1, 2], share: 0.25)
    let annotation = try #require(annotations(film(), [found]).first)
    let mask = try #require(annotation["segmentation"] as? [String: Any])
    #expect(mask["size"] as? [Int] == [50, 100])
    #expect((mask["counts"] as? [Int])?.reduce(0, +) == 5000)
    #expect(annotation["area"] as? Int == 1250)
    #expect(annotation["bbox"] as? [Int] == [0, 25, 50, 25])
  }

  @Test func `runs that do not fill their grid are counted, and the box beside them stays`() throws {
    var broken = detection("road")
    broken.mask = Mask(size: Size(width: 2, height: 2), counts: [1, 1], share: 0.25)
    let found = try coco(film(), [row(broken, 0)])
    #expect((found["info"] as? [String: Any])?["broken_masks"] as? Int == 1)
    let annotation = try #require((found["annotations"] as? [[String: Any]])?.first)
    #expect(annotation["segmentation"] == nil)
  }

  @Test func `points are keypoints in pixels, and one without a place has visibility 0`() throws {
    var pose = Prediction(kind: .pose, label: "person", score: 0.8)
    pose.points = [
      Keypoint(name: "nose", x: 0.5, y: 0.5, score: 0.9), Keypoint(name: "tail", x: .nan, y: .nan, score: .nan),
      Keypoint(name: "foot", x: 0.6, y: 0.9),
    ]
    let found = try coco(film(), [row(pose, 0), row(detection("person"), 0)])
    let annotation = try #require((found["annotations"] as? [[String: Any]])?.first)
    #expect(annotation["keypoints"] as? [Int] == [50, 25, 2, 0, 0, 0, 60, 45, 2])
    #expect(annotation["num_keypoints"] as? Int == 2)
    #expect(annotation["bbox"] as? [Int] == [50, 25, 10, 20])
    let categories = try #require(found["categories"] as? [[String: Any]])
    #expect(categories.count == 1)
    #expect(categories.first?["keypoints"] as? [String] == ["nose", "tail", "foot"])
  }

  @Test func `poses of one label with other points are another category`() throws {
    let poses = [["nose", "foot"], ["nose", "hand"], ["nose", "foot"]].map { names in
      var pose = detection("person")
      pose.points = names.map { Keypoint(name: $0, x: 0.5, y: 0.5) }
      return pose
    }
    #expect(try annotations(film(), poses).map { $0["category_id"] as? Int } == [1, 2, 1])
  }

  @Test func `frames out of order and a size that is not known are refused`() {
    #expect(throws: Fault.self) { _ = try exported(.coco, film(), [row(detection("a"), 3), row(detection("a"), 2)]) }
    var asset = film()
    asset.size = Size(width: 0, height: 0)
    #expect(throws: Fault.self) { _ = try exported(.coco, asset, []) }
  }
}
