#!/bin/bash
# Pipes, subshells, substitutions, traps and jobs.
set -u
count=0
trap 'count=$((count + 1))' USR1
trap 'echo "leaving $count"' EXIT
kill -USR1 $$
kill -USR1 $$
words=$(printf '%s\n' delta alpha charlie bravo | sort | tr a-z A-Z | head -3 | paste -sd,)
echo "$words"
(
  trap 'echo inner' EXIT
  exit 3
)
echo "status $?"
sum=0
while read -r number; do sum=$((sum + number)); done < <(seq 1 10)
echo "sum $sum"
sleep 0.01 &
wait $!
cat <<END | grep -c o
one
two
three
END
false || echo "false is $?"
[[ $(echo nested "$(echo substitution)") == "nested substitution" ]] && echo same
exit 7
