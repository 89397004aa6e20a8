import Base
import Planning
import TestKit
import Testing

struct ProfileTests {
  private func estimator(_ profile: TaskProfile) -> Estimator { Estimator(EstimatorTests.rates, profile: profile) }

  @Test func `no task of an hour of video takes half of the time that a function has`() throws {
    let (cuts, expected) = try estimator(.lambda).cut(try EstimatorTests.item("infer: a"), Layouts.even(90_000))
    #expect(cuts.chunkCount > 20 && expected.allSatisfy { $0 <= 450 })
    // A third of a core takes three times as long.
    let small = TaskProfile.lambda(memoryBytes: 1024 << 20, diskBytes: 2 << 30)
    #expect(small.cores == 0.58)
    let (_, short) = try estimator(small).cut(try EstimatorTests.item("infer: a"), Layouts.even(90_000))
    #expect(short.allSatisfy { $0 <= 900 * 0.58 / 2 })
  }

  @Test func `a video that no cut makes small enough is refused with the way out`() throws {
    let item = try EstimatorTests.item("infer: a")
    let long = Layouts.even(90_000, every: 30_000)
    #expect(throws: Fault.self) { try estimator(.lambda).cut(item, long) }
    do throws(Fault) { _ = try estimator(.lambda).cut(item, long) } catch {
      #expect(error.kind == .tooLarge)
      #expect(error.message.contains("frames 0 to 29999 (0:00 to 19:59)") && error.message.contains("take a profile"))
    }
    #expect(throws: Never.self) { try estimator(.local).cut(item, long) }
    do throws(Fault) {
      _ = try estimator(.lambda).cut(item, nil)
      #expect(Bool(false), "it cannot be cut at all")
    } catch { #expect(error.kind == .tooLarge && error.message.contains("packets do not tell its frames")) }
  }

  @Test func `what does not fit into memory or on the disk is refused with the way out`() throws {
    let size = Size(width: 7680, height: 4320)
    do throws(Fault) {
      _ = try estimator(.edge).cut(try! EstimatorTests.item("infer: a", size: size), Layouts.even(100))
      #expect(Bool(false), "8K does not fit into 512 MiB")
    } catch { #expect(error.message.contains("of memory, and the profile 'edge' has 512MiB")) }
    do throws(Fault) {
      _ = try estimator(.lambda).cut(try! EstimatorTests.item("infer: a", bytes: 11 << 30), Layouts.even(100))
      #expect(Bool(false), "11 GiB do not fit on 10")
    } catch { #expect(error.message.contains("of temporary disk") && error.message.contains("reads the video where")) }
    // In the library's own folder nothing is copied.
    _ = try estimator(.local).cut(try EstimatorTests.item("infer: a", bytes: 11 << 30), Layouts.even(100))
  }

  @Test func `a plan shows its tasks to people`() throws {
    let text = TaskPlanTests.plan().text
    for words in [
      "0     chunk    0–299", "3     merge", "lambda: 900s, 10GiB of memory", "video, h264, 1920x1080, 0:36",
    ] {
      #expect(text.contains(words), "\(text)")
    }
  }

  @Test func `a profile that is not known is named with those that are`() throws {
    #expect(try TaskProfile.named("edge") == .edge)
    #expect(throws: Fault(.notFound, "there is no profile 'egde' (did you mean 'edge'?), expected local, lambda, edge"))
    {
      try TaskProfile.named("egde")
    }
  }

  @Test func `a place that has less than a profile is what refuses, and one that has more changes nothing`() {
    let lambda = TaskProfile.lambda
    #expect(lambda.within(memoryBytes: 20 << 30, diskBytes: nil, of: "the function") == lambda)
    let small = lambda.within(memoryBytes: 3008 << 20, diskBytes: 512 << 20, of: "the function")
    #expect(small.privateBytes == (3008 - 64) << 20 && small.diskReason == "the function has 512MiB")
    #expect(small.verdict(on: .noMemory(to: "decode")).message.contains("and the function has 2GiB"))
    #expect(
      lambda.diskReason == "the profile 'lambda' has 10GiB" && lambda.memoryWords.contains("the profile 'lambda'"))
    let local = TaskProfile.local.within(memoryBytes: 1 << 30, diskBytes: nil, of: "the function")
    #expect(local.memoryWords == "; the function has 1GiB of memory" && local.diskBytes == nil)
  }

  @Test func `memory and disk are told as of whoever limits them`() throws {
    let memory = TaskProfile.lambda.within(memoryBytes: 512 << 20, diskBytes: nil, of: "the function")
    #expect(memory.diskReason == "the profile 'lambda' has 10GiB" && memory.memoryWords.contains("the function"))
    let disk = TaskProfile.lambda.within(memoryBytes: nil, diskBytes: 512 << 20, of: "the function")
    #expect(disk.diskReason == "the function has 512MiB" && disk.memoryWords.contains("the profile 'lambda'"))
    let wide = TaskNeed(memoryBytes: 1 << 30, diskBytes: 0)
    let refused = #expect(throws: Fault.self) { try memory.check(wide) }
    #expect(refused?.message.contains("of memory, and the function has 512MiB") == true)
  }
}
