#!/usr/bin/python3
"""cri.py: the smallest client of CRI (runtime.v1): each call is one command, messages are coded by hand.

usage: cri.py SOCKET CALL ARGUMENT...      (the calls are the functions below that begin with call_)
Numbers of fields: the file api.proto of Kubernetes' cri-api.
"""
import sys

import grpc

NODE = 2  # NamespaceMode: the node's namespace


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    data = value if isinstance(value, bytes) else value.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def decode(data):
    """A message as {field: [value]}; a value is a number or bytes."""
    out, at = {}, 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = take()
        if tag & 7 == 0:
            value = take()
        elif tag & 7 == 2:
            length = take()
            value = data[at:at + length]
            at += length
        else:
            length = 8 if tag & 7 == 1 else 4
            value = int.from_bytes(data[at:at + length], "little")
            at += length
        out.setdefault(tag >> 3, []).append(value)
    return out


def one(message, *path):
    """The first value at a path of fields; 0 where there is none, which is what protobuf means by it."""
    for field in path[:-1]:
        message = decode(message.get(field, [b""])[0])
    return message.get(path[-1], [0])[0]


def string(value):
    return value.decode() if value else ""


class Cri:
    def __init__(self, socket):
        self.channel = grpc.insecure_channel("unix:" + socket)

    def call(self, name, request=b""):
        method = self.channel.unary_unary("/runtime.v1.RuntimeService/" + name)
        return decode(method(request, timeout=60))

    # -- the pod; its network is the node's, so that no CNI is needed

    @staticmethod
    def pod_config(name, cgroup):
        metadata = text(1, name) + text(2, "uid-" + name) + text(3, "engines")
        options = number(1, NODE)
        linux = text(1, cgroup) + text(2, text(1, options))
        return text(1, metadata) + text(3, "/run/cri-logs") + text(8, linux)

    def call_run_pod(self, name, cgroup, handler):
        return string(one(self.call("RunPodSandbox", text(1, self.pod_config(name, cgroup)) + text(2, handler)), 1))

    def call_stop_pod(self, pod):
        self.call("StopPodSandbox", text(1, pod))

    def call_remove_pod(self, pod):
        self.call("RemovePodSandbox", text(1, pod))

    def call_pod_state(self, pod):
        state = one(self.call("PodSandboxStatus", text(1, pod)), 1, 3)
        return ("ready", "notready")[state]

    # -- containers

    def call_create(self, pod, podname, cgroup, image, name, memory, *command):
        config = text(1, text(1, name)) + text(2, text(1, image))
        config += b"".join(text(3, word) for word in command) + text(11, name + ".log")
        options = number(1, NODE)
        config += text(15, text(1, number(4, int(memory))) + text(2, text(3, options)))
        request = text(1, pod) + text(2, config) + text(3, self.pod_config(podname, cgroup))
        return string(one(self.call("CreateContainer", request), 1))

    def call_start(self, container):
        self.call("StartContainer", text(1, container))

    def call_stop(self, container, seconds):
        self.call("StopContainer", text(1, container) + number(2, int(seconds)))

    def call_remove(self, container):
        self.call("RemoveContainer", text(1, container))

    def call_state(self, container):
        """State and exit code."""
        status = decode(one(self.call("ContainerStatus", text(1, container)), 1))
        names = ("created", "running", "exited", "unknown")
        return "%s %d" % (names[one(status, 3)], one(status, 7))

    def call_exec(self, container, *command):
        request = text(1, container) + b"".join(text(2, word) for word in command) + number(3, 30)
        answer = self.call("ExecSync", request)
        sys.stdout.write(string(one(answer, 1)))
        sys.stderr.write(string(one(answer, 2)))
        code = one(answer, 3)
        if code:
            sys.exit(code)

    def call_memory(self, container, limit):
        self.call("UpdateContainerResources", text(1, container) + text(2, number(4, int(limit))))

    def call_used(self, container):
        """ContainerStats: bytes of memory in use."""
        return one(self.call("ContainerStats", text(1, container)), 1, 3, 2, 1)

    def call_list(self, *_):
        pods = self.call("ListPodSandbox").get(1, [])
        return "\n".join(string(one(decode(pod), 1)) for pod in pods)

    def call_version(self):
        return string(one(self.call("Version", text(1, "v1")), 3))


def main():
    socket, name, *arguments = sys.argv[1:]
    try:
        result = getattr(Cri(socket), "call_" + name)(*arguments)
    except grpc.RpcError as error:
        sys.exit("%s: %s" % (error.code().name, error.details()))
    if result not in (None, ""):
        print(result)


main()
