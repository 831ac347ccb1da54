#!/bin/sh
# Makes the root of an image that stands for `node:24-bookworm-slim`, which no registry of Debian or npm has: Node.js, npm,
# a shell, the tools of the Dockerfile and the C library, from this machine.
#   base-image.sh FOLDER NODE
set -eu
root=$1
node=$2
mkdir -p "$root/bin" "$root/usr/local/bin" "$root/usr/local/lib/node_modules" "$root/usr/local/etc" "$root/etc/ssl/certs"
mkdir -p "$root/tmp" "$root/root" "$root/home/node" "$root/proc" "$root/dev" "$root/sys"
chmod 1777 "$root/tmp"
ln -s /bin "$root/usr/bin"
cp -L "$node" "$root/usr/local/bin/node"
for tool in sh env sha256sum cut tar gzip mkdir ln chown cat id; do cp -L "$(command -v "$tool")" "$root/bin/$tool"; done
libraries=$(dpkg -L libc6 libgcc-s1 libstdc++6 | grep -E '^(/usr)?/lib.*\.so[.0-9]*$')
for library in $libraries $(for file in "$root"/bin/*; do ldd "$file" | grep -o '/[^ ]*'; done | sort -u); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library" || true
done
npm=$(readlink -f "$(command -v npm)")
cp -r "$(dirname "$(dirname "$npm")")" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
# The registry of this machine, and the authorities that it trusts.
cp "$(npm config get globalconfig)" "$root/usr/local/etc/npmrc" 2> /dev/null || true
cp "$(npm config get userconfig)" "$root/root/.npmrc" 2> /dev/null || true
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2> /dev/null || true
printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' > "$root/etc/group"
