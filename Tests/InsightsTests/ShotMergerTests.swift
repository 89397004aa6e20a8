import Foundation
import Insights
import TestKit
import Testing

/// What a network answered becomes shots; where the material is, as its authors and others count them.
struct ShotMergerTests {
  private static func shots(
    _ single: [Float], many: [Float]? = nil, threshold: Double = 0.5, _ descriptors: [ShotDescriptor]? = nil
  ) -> ShotList {
    var merger = ShotMerger(ShotSettings(threshold: threshold))
    for place in single.indices {
      merger.add(
        index: place, time: Double(place) / 25, single: single[place], many: many?[place], descriptors?[place])
    }
    return merger.finish()
  }

  private static func changes(_ list: ShotList) -> [[Int]] { list.transitions.map { [$0.from, $0.to] } }

  @Test func `a run of frames above the threshold is one transition`() {
    let list = Self.shots([0, 0, 0.9, 0.1, 0, 0.6, 0.8, 0.7, 0, 0])
    #expect(Self.changes(list) == [[2, 3], [5, 8]])
    #expect(list.transitions.map(\.score).map { ($0 * 10).rounded() } == [9, 8])
    #expect(list.shots.map { [$0.startFrame, $0.endFrame] } == [[0, 2], [3, 5], [8, 9]])
  }

  @Test func `runs at the ends of a film lead from no shot and into none`() {
    #expect(Self.shots([0.9, 0.9, 0, 0, 0, 0.9, 0.9]).transitions.isEmpty)
    #expect(Self.shots([0.9]).shots.count == 1 && Self.shots([]).shots.isEmpty)
    #expect(Self.shots([1, 1, 1]).shots.map { [$0.startFrame, $0.endFrame] } == [[0, 2]])
  }

  @Test func `answers that are no numbers are no transition`() {
    #expect(Self.shots([0, .nan, 0, 0.9, 0]).transitions.map(\.from) == [3])
  }

  @Test func `frames inside of a transition widen it, and make it a gradual one`() {
    let list = Self.shots([0, 0, 0, 0.1, 0.8, 0.1, 0, 0, 0], many: [0, 0, 0.6, 0.7, 0.9, 0.8, 0.7, 0, 0])
    #expect(list.transitions == [ShotTransition(kind: .gradual, from: 2, to: 7, score: Double(Float(0.8)))])
  }

  @Test func `all that is found around black is one transition`() {
    var film = Film()
    film.shot(1, 30)
    film.mix(to: Film.even(0), 10)
    film.hold(Film.even(0), 20)
    film.mix(to: Film.picture(2), 10)
    film.shot(2, 30)
    var single = [Float](repeating: 0, count: film.frames.count)
    for place in [34, 39, 60, 66] { single[place] = 0.8 }
    #expect(Self.shots(single).transitions.count == 4)
    let list = Self.shots(single, film.frames.map(Film.descriptor))
    #expect(list.transitions.map(\.kind) == [.black])
    #expect(list.shots.count == 2)
  }

  // MARK: - With the material

  private static let material: String? = TestData.folder.map {
    URL(filePath: $0).deletingLastPathComponent().appending(path: "analysers").path
  }
  private static let isThere =
    material.map { FileManager.default.fileExists(atPath: $0 + "/shot_autoshot_predictions.npz") } ?? false

  private struct Golden: Decodable {
    var single: [Float]
    var many: [Float]
    var scenes_thr_0_5: [[Int]]

    enum CodingKeys: String, CodingKey {
      case single, many
      case scenes_thr_0_5 = "scenes_thr_0.5"
    }
  }

  static func golden(_ clip: String) throws -> (single: [Float], many: [Float], scenes: [[Int]]) {
    let path = try #require(material) + "/golden/transnetv2_\(clip).json"
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: URL(filePath: path)))
    return (golden.single, golden.many, golden.scenes_thr_0_5)
  }

  @Test(
    .enabled(if: isThere, "the material of the analysers is not here"),
    arguments: ["testvideo.mp4", "fades.mp4", "BigBuckBunnyTrailer.mp4"])
  func `golden answers give the golden scenes`(clip: String) throws {
    let golden = try Self.golden(clip)
    let shots = Self.shots(golden.single).shots
    #expect(shots.map { [$0.startFrame, $0.endFrame] } == golden.scenes)
  }

  /// The material keeps AutoShot's answers as arrays of half floats in a zip file, which Python's own library reads.
  private static let unpack = """
    import json, struct, sys, zipfile
    truth = json.load(open(sys.argv[2]))
    with zipfile.ZipFile(sys.argv[1]) as answers:
      for name in truth:
        raw = answers.read('p_' + name + '.npy')
        start = 10 + struct.unpack('<H', raw[8:10])[0]
        values = struct.unpack('<%de' % ((len(raw) - start) // 2), raw[start:])
        print(' '.join('%d %d' % tuple(scene) for scene in truth[name]))
        print(' '.join('%.6f' % value for value in values))
    """

  @Test(.enabled(if: isThere, "the material of the analysers is not here"))
  func `AutoShot's own answers give its published figure`() throws {
    let folder = try #require(Self.material)
    let files = [folder + "/shot_autoshot_predictions.npz", folder + "/shot_test_gt_scenes.json"]
    let lines = shell(["python3", "-c", Self.unpack] + files).output.split(separator: "\n")
    #expect(lines.count == 400)
    var (best, half) = (TransitionCount(), TransitionCount())
    for video in stride(from: 0, to: lines.count - 1, by: 2) {
      let scenes = lines[video].split(separator: " ").compactMap { Int($0) }
      let truth = stride(from: 1, to: scenes.count - 2, by: 2).map { (from: scenes[$0], to: scenes[$0 + 1]) }
      let answers = lines[video + 1].split(separator: " ").compactMap { Float($0) }
      best.add(found: Self.pairs(answers, 0.296), truth: truth)
      half.add(found: Self.pairs(answers, 0.5), truth: truth)
    }
    print("AutoShot's answers: F1 \(best.f1) at .296, \(half.f1) at .5")
    #expect(abs(best.f1 - 0.8405) <= 0.0005 && abs(half.f1 - 0.8295) <= 0.0005)
    #expect(best.hits + best.missed == 2516)
  }

  private static func pairs(_ answers: [Float], _ threshold: Double) -> [(from: Int, to: Int)] {
    shots(answers, threshold: threshold).transitions.map { ($0.from, $0.to) }
  }
}
