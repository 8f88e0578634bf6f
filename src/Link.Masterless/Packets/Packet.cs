namespace Link.Masterless.Packets;

/// <summary>One packet as it came in (SPEC.md, "masterless: packets").</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Json">Of an application packet: its text, UTF-8, owned by whoever holds it. From JSON lines it has not been checked yet.</param>
/// <param name="Keeps">Of a keep packet: what it says.</param>
/// <param name="IsLink">Of a keep packet: whether it says that a node of Link wrote it.</param>
internal readonly record struct Packet(PacketKind Kind, ReadOnlyMemory<byte> Json = default, bool Keeps = false, bool IsLink = false);
