import Testing

@testable import Isolation

@Suite("How much memory there is")
struct MachineMemoryTests {
  private func limits(_ groups: String, _ files: [String: String]) -> [Int] {
    MachineMemory.limits(of: groups) { files[$0] }
  }

  @Test("A container's limit counts, in both versions of control groups, and that of the groups it lies in")
  func groups() {
    #expect(limits("0::/", ["/sys/fs/cgroup/memory.max": "2147483648\n"]) == [2_147_483_648])
    #expect(limits("0::/", ["/sys/fs/cgroup/memory.max": "max\n"]) == [])
    let nested = ["/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1000\n"]
    #expect(limits("0::/a/b\n", nested) == [1000])
    let old = "12:memory:/h3\n4:cpu,cpuacct:/x\n0::/y\n"
    #expect(limits(old, ["/sys/fs/cgroup/memory/h3/memory.limit_in_bytes": "77\n"]) == [77])
    #expect(limits("nonsense\n:::\n", [:]) == [])
    #expect(MachineMemory.byteCount > 0)
  }
}
