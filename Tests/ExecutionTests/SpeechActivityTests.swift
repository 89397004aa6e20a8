import Base
import Execution
import Foundation
import Inference
import Media
import TestKit
import Testing

/// Silero VAD as it answers elsewhere.
@Suite(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
struct SpeechActivityTests {
  private struct Golden: Decodable { var probs: [Float] }

  private static let network = "silero_vad_openvino_16k.onnx"
  private func activity() throws -> SpeechActivity {
    try SpeechActivity(network: AnalyserData.path(Self.network), on: try Engine(cacheFolder: nil))
  }

  private func sound() throws -> [[Float]] {
    let reader = try #require(try SoundReader.open(AnalyserData.path("silero_test.wav")))
    var blocks: [[Float]] = []
    while let block = try reader.next() { blocks.append(block.samples) }
    return blocks
  }

  @Test func `a minute of speech is answered as the network's own runtime does`() throws {
    let data = try Data(contentsOf: URL(filePath: AnalyserData.path("golden/silero_test.json")))
    let golden = try JSONDecoder().decode(Golden.self, from: data).probs
    let (activity, blocks) = (try activity(), try sound())
    let start = Clock.now
    let found = try blocks.flatMap { try activity.listen($0) }
    let seconds = Double(Clock.now - start) / 1e9
    #expect(found.count == golden.count)
    let worst = zip(found, golden).map { abs($0 - $1) }.max() ?? 1
    print(
      "speech activity: \(found.count) answers, at most \(worst) apart, \(seconds / Double(found.count) * 1e6) us each")
    #expect(worst <= 1e-4, "\(worst)")
    #expect(try activity.finish() == nil)
  }

  @Test func `answers do not depend on how the sound is cut, nor on what was heard before`() throws {
    let (activity, all) = (try activity(), try sound()[..<8].flatMap(\.self))
    let whole = try activity.listen(all) + [activity.finish()].compactMap { $0 }
    #expect(whole.count == 250)
    var (dice, cut) = (SeededRandom(3), [Float]())
    var rest = all[...]
    while !rest.isEmpty {
      let count = Int.random(in: 0...2_000, using: &dice)
      cut += try activity.listen(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    if let last = try activity.finish() { cut.append(last) }
    #expect(cut == whole)
  }

  @Test func `what is left at the end is answered as if silence followed`() throws {
    let activity = try activity()
    let samples = Array(try sound()[3][..<700])
    #expect(try activity.listen(samples).count == 1)
    let last = try #require(try activity.finish())
    let padded = try activity.listen(samples + [Float](repeating: 0, count: 324))
    #expect(padded.count == 2 && padded[1] == last)
  }

  @Test func `another network is refused by what it has`() throws {
    let folder = TemporaryFolder()
    try SumNetwork.write(to: folder.file("sum"))
    let fault = try #require(throws: Fault.self) {
      _ = try SpeechActivity(network: folder.file("sum.xml"), on: try Engine(cacheFolder: nil))
    }
    #expect(fault.kind == .unsupported && fault.message.contains("no network for speech"), "\(fault.message)")
  }
}
